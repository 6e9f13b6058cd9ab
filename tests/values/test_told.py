"""Dates where they stand: publication date, text, mention, interval."""

import datetime as dt

import pytest

from healthevents.values import date_at, find_dates, in_time, parse_date, read_conventions

TABLE = r"""
2025-02-18 | From April 2024 to January 2025 the line took 9,100 calls; in the ten months before that, over the ten months, 11. | the ten months | 2024-04-01..2025-01-31
2024-08-02 | For the quarter to June 30, 2024 it earned $9m. In the same three months costs jumped. | the same three months | 2024-04-01..2024-06-30
2024-05-10 | In the first quarter of 2024, revenue rose to $5m, compared with $4m in the year-earlier period. | the year-earlier period | 2023-01-01..2023-03-31
2024-05-10 | Revenue for the three months ended March 31 was $9m, up from $7m a year earlier. | a year earlier | 2023-01-01..2023-03-31
2024-02-20 | In 2023 sales reached $10m, up from 9,000 units a year earlier. | a year earlier | 2022-01-01..2022-12-31
2024-08-10 | It had 500 staff at the end of June, up from 400 a year earlier. | a year earlier | 2023-06-30..2023-06-30
2021-03-01 | The company launched its app in November and signed a partner in January. | November | 2020-11-01..2020-11-30
2021-03-01 | The trial began in May and will end in October. | May | 2020-05-01..2020-05-31
2021-03-01 | The trial began in May and will end in October. | October | 2021-10-01..2021-10-31
2021-03-01 | The trial will begin in May. | May | 2021-05-01..2021-05-31
2021-11-20 | The app will open in February. | February | 2022-02-01..2022-02-28
2021-11-20 | The deal is expected to close by March. | March | 2022-03-01..2022-03-31
2022-08-25 | 今年上半年营收3亿元，去年同期为2亿元。期末现金5亿元。 | 期末 | 2022-06-30..2022-06-30
2022-08-25 | 今年上半年营收3亿元，去年同期为2亿元。 | 去年同期 | 2021-01-01..2021-06-30
2022-04-25 | 2021年全年营收30亿元。截至年末，员工500人。 | 年末 | 2021-12-01..2021-12-31
2022-08-25 | 第二季度收入3亿元，上年同期为2亿元，上一季度为2.5亿元。 | 上年同期 | 2021-04-01..2021-06-30
2022-08-25 | 第二季度收入3亿元，上一季度为2.5亿元。 | 上一季度 | 2022-01-01..2022-03-31
2022-08-25 | 第二季度收入3亿元，环比增长。前一季度为2.5亿元。 | 前一季度 | 2022-01-01..2022-03-31
2023-03-01 | 2020年至2022年，营业收入分别为1亿元、2亿元和3亿元。 | 2020年至2022年 | 2020-01-01..2022-12-31
2023-03-01 | 公司去年10月获投，12月又获投。 | 12月 | 2022-12-01..2022-12-31
2023-03-01 | 公司2021年5月成立，同年8月获投，次年1月再融资。 | 次年1月 | 2022-01-01..2022-01-31
2023-02-10 | In the fourth quarter it made $1m, versus a loss in the previous quarter. | the previous quarter | 2022-07-01..2022-09-30
2023-02-10 | In the fourth quarter it made $1m, versus a loss in the prior-year quarter. | the prior-year quarter | 2021-10-01..2021-12-31
2023-02-10 | In the fourth quarter it made $1m, versus a loss in the same quarter a year ago. | the same quarter a year ago | 2021-10-01..2021-12-31
2023-02-10 | In the fourth quarter it made $1m. Full-year sales were $5m. | Full-year | 2022-01-01..2022-12-31
2023-02-10 | Full-year revenue was $12m in 2022, against $9m the year before. | the year before | 2021-01-01..2021-12-31
2023-02-10 | It raised $3m in 2019 and $9m two years later. | two years later | 2021-01-01..2021-12-31
2023-02-10 | On Feb. 1 it signed the deal; the next day shares rose. | the next day | 2023-02-02..2023-02-02
2023-11-08 | For the nine months ended September 30, sales were $9m against $8m in the same period of 2022. | the same period of 2022 | 2022-01-01..2022-09-30
2023-11-08 | Third-quarter sales were $9m. During the quarter, it opened 3 clinics. | the quarter | 2023-07-01..2023-09-30
2023-11-08 | 前三季度营收9亿元，同比增长10%；其中第三季度营收3亿元。报告期内新开3家。 | 报告期 | 2023-01-01..2023-09-30
2023-11-08 | 三季度营收9亿元，较二季度增长3%。 | 二季度 | 2023-04-01..2023-06-30
2023-11-08 | 到明年年底，计划开店500家。 | 明年年底 | 2024-12-01..2024-12-31
2023-11-08 | 公司计划到年底前开店500家。 | 年底 | 2023-12-01..2023-12-31
2023-01-18 | 截至去年末，用户500万，较2021年末增长。 | 去年末 | 2022-12-01..2022-12-31
2023-01-18 | 预计去年全年营收5亿元。 | 去年全年 | 2022-01-01..2022-12-31
2023-01-18 | It ended the year with 500 staff. | the year | 2022-01-01..2022-12-31
2023-01-18 | It ended last year with 500 staff, up from 300 at the end of 2021. | last year | 2022-01-01..2022-12-31
2023-06-18 | The partners met last month. The month before, they had signed. | The month before | 2023-04-01..2023-04-30
2023-06-18 | Sales in the first five months of this year rose. | the first five months of this year | 2023-01-01..2023-05-31
2023-06-18 | 近五年，公司投入10亿元。 | 近五年 | 2018-06-18..2023-06-18
2023-06-18 | during the first half of last year | the first half of last year | 2022-01-01..2022-06-30
2023-06-18 | It was approved in late 2022 and launched in early April | early April | 2023-04-01..2023-04-10
2023-06-18 | the week ended June 11 | the week ended June 11 | 2023-06-05..2023-06-11
2023-06-18 | since the start of the year | the start of the year | 2023-01-01..2023-01-31
2023-06-18 | Over the next three years it will invest | the next three years | 2023-06-18..2026-06-18
2023-06-18 | by the end of 2025 | the end of 2025 | 2025-12-31..2025-12-31
2023-06-18 | 今年1-5月，销售3亿元 | 1-5月 | 2023-01-01..2023-05-31
2023-06-18 | 2022年12月至2023年3月 | 2022年12月至2023年3月 | 2022-12-01..2023-03-31
2023-06-18 | 上上周，完成融资 | 上上周 | 2023-05-29..2023-06-04
2023-06-18 | 时隔两年，2021年6月再获融资 | 2021年6月 | 2021-06-01..2021-06-30
2022-10-27 | The two partners part. The doors close Jan. 15, they said. | Jan. 15 | 2023-01-15..2023-01-15
2023-11-02 | As of January, Medora takes over the distribution. | January | 2024-01-01..2024-01-31
2020-11-17 | The new price goes up on 1 January, from 4 to 5 euros. | 1 January | 2021-01-01..2021-01-01
2020-11-17 | The old price went up on 1 January. | 1 January | 2020-01-01..2020-01-01
2023-12-04 | Under the deal struck in September it moves stock by sea. | September | 2023-09-01..2023-09-30
2017-10-13 | Dogson floats on Monday, raising £5m. | Monday | 2017-10-16..2017-10-16
2020-10-06 | The purchase should close in December. | December | 2020-12-01..2020-12-31
2022-08-30 | 2017\nIn October the knife was approved.\n2019\nMarch: merged. | October | 2017-10-01..2017-10-31
2019-01-04 | 2018 IN BIG EVENTS\n\nMARCH\nA round.\n\nMAY\nA product. | MAY | 2018-05-01..2018-05-31
2024-03-28 | 2022年\n8月,公司上市。\n今年\n1月,公司再融资。 | 8月 | 2022-08-01..2022-08-31
2024-03-28 | 2022年\n8月,公司上市。\n今年\n1月,公司再融资。 | 1月 | 2024-01-01..2024-01-31
2025-08-28 | Net loss for the six months was $38m. | the six months | 2025-01-01..2025-06-30
2025-12-22 | At the bottom are the taxes. Nine-month revenue: 6.9bn. | Nine-month | 2025-01-01..2025-09-30
2018-03-28 | It told of its results of 2017. During the reporting period, it earned 5bn. | the reporting period | 2017-01-01..2017-12-31
2024-10-08 | It was approved in May 2022 and reached Austria that autumn. | that autumn | 2022-09-01..2022-11-30
2023-11-20 | It will be in the shops from the new year. | the new year | 2024-01-01..2024-01-31
2020-08-14 | It had 137 notices in the first seven months, up from 98 in the same months of 2019. | the same months of 2019 | 2019-01-01..2019-07-31
2024-10-18 | For the nine months ended 30 September 2024 sales fell. As at the same date it ran 143 shops. | the same date | 2024-09-30..2024-09-30
2021-06-30 | In 2017 it was approved. Two years on, it was sold. | Two years on | 2019-01-01..2019-12-31
2025-07-29 | The tie-up, signed in 2023, was quiet. It has 2.6 million users, up from 1.9 million a year ago. | a year ago | 2024-07-01..2024-07-31
2025-02-27 | first site doses in april | april | 2025-04-01..2025-04-30
2025-02-27 | series a back in '22, all of it | '22 | 2022-01-01..2022-12-31
2023-02-17 | It launched a subscription, Tailwag, in September: at a price of 17 a month. | September | 2022-09-01..2022-09-30
2024-01-24 | It had 140,000 users; by December only 61,000 were left. | December | 2023-12-01..2023-12-31
2016-02-29 | Its previous target was Haus Spreeblick (December). | December | 2015-12-01..2015-12-31
2023-09-22 | 38,000 scans since launch in November, and more to come. | November | 2022-11-01..2022-11-30
2014-05-28 | The option under which it could have licensed both expires unused on Saturday. | Saturday | 2014-05-31..2014-05-31
2012-10-01 | 1,400 bottles wore them by the end of Sunday. | Sunday | 2012-09-30..2012-09-30
2019-04-12 | In week 14 there were 132 new cases. | week 14 | 2019-04-01..2019-04-07
2020-11-18 | it was 14.8 in the worst week, week 52 | week 52 | 2019-12-23..2019-12-29
2017-02-08 | a budget for the fiscal year that begins July 1 | the fiscal year that begins July 1 | 2017-07-01..2018-06-30
2017-11-16 | sales in the financial year that started in October | the financial year that started in October | 2017-10-01..2018-09-30
2023-01-11 | Sales jumped in the eight weeks to New Year's Eve. | the eight weeks to New Year's Eve | 2022-11-06..2022-12-31
2024-02-20 | In the seven weeks to Saturday it logged 41,380 cases. | the seven weeks to Saturday | 2023-12-31..2024-02-17
2024-07-04 | the coach ended at Easter, along with 260 jobs | Easter | 2024-03-31..2024-03-31
2021-02-03 | It opens in time for Good Friday. | Good Friday | 2021-04-02..2021-04-02
2016-06-22 | 1,930 women had been seen by Christmas, nine in ten in time. | Christmas | 2015-12-25..2015-12-25
2014-07-24 | versus $287 million in last year's second quarter | last year's second quarter | 2013-04-01..2013-06-30
2020-05-08 | Oct-Dec net profit Tk 121 crore | Oct-Dec | 2019-10-01..2019-12-31
2018-08-31 | in march this year we raised another 6m | march this year | 2018-03-01..2018-03-31
2015-10-08 | Turnover in the half year to June was 0.3m (H1 2014: 0.5m). | H1 2014 | 2014-01-01..2014-06-30
2019-04-24 | 净收入上升到6亿美元，在3月31日结束的季度 | 3月31日结束的季度 | 2019-01-01..2019-03-31
2023-05-09 | 公布截至3月31日首季业绩 | 3月31日首季 | 2023-01-01..2023-03-31
2025-02-20 | 截至2月15日的一周，阳性率为10.87% | 2月15日的一周 | 2025-02-09..2025-02-15
2020-10-20 | 今年3月上市，首月卖出4200台。 | 首月 | 2020-03-01..2020-03-31
2024-12-02 | 11月15日开业，首日接诊300人。 | 首日 | 2024-11-15..2024-11-15
2022-08-19 | 公司2021年4月发行的转债将于2027年到期；同年10月，它购入一家公司。 | 同年10月 | 2021-10-01..2021-10-31
2023-08-14 | 每公斤192元，而去年此时不过76元 | 去年此时 | 2022-08-01..2022-08-31
2019-11-27 | 这款App在2017年暑假推出 | 2017年暑假 | 2017-07-01..2017-08-31
2022-06-30 | 2021年的统计公报。全年总诊疗人次3.56亿。 | 全年 | 2021-01-01..2021-12-31
2022-06-30 | 公司预计全年营收5亿元。 | 全年 | 2022-01-01..2022-12-31
2024-02-20 | Acme unveiled its device in March. | March | 2023-03-01..2023-03-31
2024-02-20 | The firm had three product launches in November. | November | 2023-11-01..2023-11-30
2024-02-20 | Three launches on Thursday lifted sales. | Thursday | 2024-02-15..2024-02-15
2024-02-20 | 2023 Annual Results\nIn January the company acquired Beta. | January | 2024-01-01..2024-01-31
2024-02-20 | 2023年年度报告\n1月公司收购了甲医院。 | 1月 | 2024-01-01..2024-01-31
2024-05-01 | The trial ran from October 2024 to December. | October 2024 to December | 2024-10-01..2024-12-31
2024-06-15 | six weeks to Sunday | six weeks to Sunday | 2024-04-29..2024-06-09
2024-02-20 | 去年3月的一周内 | 去年3月 | 2023-03-01..2023-03-31
2023-06-18 | in mid-2021 | mid-2021 | 2021-06-01..2021-06-30
2023-06-18 | in the 12 months through March 2023 | the 12 months through March 2023 | 2022-04-01..2023-03-31
2023-06-18 | in the six-month period ended 31 March | the six-month period ended 31 March | 2022-10-01..2023-03-31
2023-06-18 | in the quarter ending in March | the quarter ending in March | 2023-01-01..2023-03-31
2023-06-18 | as of mid-June | mid-June | 2023-06-11..2023-06-20
2023-06-18 | 3Q22 sales | 3Q22 | 2022-07-01..2022-09-30
2023-06-18 | 22年三季度 | 22年三季度 | 2022-07-01..2022-09-30
2023-06-18 | 2022Q3营收 | 2022Q3 | 2022-07-01..2022-09-30
2023-06-18 | earlier this month | earlier this month | 2023-06-01..2023-06-30
2023-06-18 | in the second half of May | the second half of May | 2023-05-16..2023-05-31
2023-06-18 | 5月下半月 | 5月下半月 | 2023-05-16..2023-05-31
2023-06-18 | the first week of June | the first week of June | 2023-06-01..2023-06-07
2023-06-18 | 今年前5个月 | 今年前5个月 | 2023-01-01..2023-05-31
2023-06-18 | 1至5月份 | 1至5月份 | 2023-01-01..2023-05-31
2023-06-18 | during January-May 2023 | January-May 2023 | 2023-01-01..2023-05-31
2023-06-18 | between January and May | between January and May | 2023-01-01..2023-05-31
2023-06-18 | in the 2022 financial year | the 2022 financial year | 2022-01-01..2022-12-31
2023-06-18 | in the 2022 fiscal year | the 2022 fiscal year | 2022-01-01..2022-12-31
2023-06-18 | in the second quarter of fiscal 2023 | the second quarter of fiscal 2023 | 2023-04-01..2023-06-30
2023-06-18 | in the December quarter | the December quarter | 2022-10-01..2022-12-31
2023-06-18 | the March 2023 quarter | the March 2023 quarter | 2023-01-01..2023-03-31
2023-06-18 | March quarter 2023 | March quarter 2023 | 2023-01-01..2023-03-31
2023-06-18 | Q1-Q3 2022 | Q1-Q3 2022 | 2022-01-01..2022-09-30
2023-06-18 | 9M22 revenue | 9M22 | 2022-01-01..2022-09-30
2023-06-18 | 9M 2022 revenue | 9M 2022 | 2022-01-01..2022-09-30
2023-06-18 | YTD sales | YTD | 2023-01-01..2023-06-18
2023-06-18 | year to date | year to date | 2023-01-01..2023-06-18
2023-06-18 | 年初至今 | 年初至今 | 2023-01-01..2023-06-18
2023-06-18 | 今年以来 | 今年以来 | 2023-01-01..2023-06-18
2023-06-18 | 自2021年以来 | 2021年以来 | 2021-01-01..2023-06-18
2023-06-18 | 本财年 | 本财年 | 2023-01-01..2023-12-31
2023-06-18 | 截至5月31日止五个月 | 5月31日止五个月 | 2023-01-01..2023-05-31
2023-06-18 | 截至2022年12月31日止年度 | 2022年12月31日止年度 | 2022-01-01..2022-12-31
2023-06-18 | the year to 31 March 2023 | the year to 31 March 2023 | 2022-04-01..2023-03-31
2023-06-18 | a decade ago | a decade ago | 2013-01-01..2013-12-31
2023-06-18 | in the past decade | the past decade | 2013-06-18..2023-06-18
2023-06-18 | 十年前 | 十年前 | 2013-01-01..2013-12-31
2023-06-18 | 过去一年 | 过去一年 | 2022-06-18..2023-06-18
2023-06-18 | last quarter | last quarter | 2023-01-01..2023-03-31
2023-06-18 | 上季度 | 上季度 | 2023-01-01..2023-03-31
2023-06-18 | 2022年最后一个季度 | 2022年最后一个季度 | 2022-10-01..2022-12-31
2023-06-18 | 去年最后三个月 | 去年最后三个月 | 2022-10-01..2022-12-31
2023-06-18 | the last three months of 2022 | the last three months of 2022 | 2022-10-01..2022-12-31
2023-06-18 | the final quarter of 2022 | the final quarter of 2022 | 2022-10-01..2022-12-31
2023-06-18 | the opening quarter of 2023 | the opening quarter of 2023 | 2023-01-01..2023-03-31
2023-06-18 | 2022年6月至今 | 2022年6月至今 | 2022-06-01..2023-06-18
2023-06-18 | 18 June | 18 June | 2023-06-18..2023-06-18
2023-06-18 | Thursday 15 June | Thursday 15 June | 2023-06-15..2023-06-15
2023-06-18 | Thursday, June 15 | Thursday, June 15 | 2023-06-15..2023-06-15
2023-06-18 | 6月15日（周四） | 6月15日（周四） | 2023-06-15..2023-06-15
2023-06-18 | the end of Q1 | the end of Q1 | 2023-03-31..2023-03-31
2023-06-18 | end of Q1 2023 | end of Q1 2023 | 2023-03-31..2023-03-31
2023-06-18 | 一季度末 | 一季度末 | 2023-03-31..2023-03-31
2023-06-18 | end-March | end-March | 2023-03-31..2023-03-31
2023-06-18 | end-2022 | end-2022 | 2022-12-31..2022-12-31
2023-06-18 | 2022年年中 | 2022年年中 | 2022-06-01..2022-06-30
2023-06-18 | 今年夏天 | 今年夏天 | 2023-06-01..2023-08-31
2023-06-18 | 2020到2022三年间 | 2020到2022三年间 | 2020-01-01..2022-12-31
2023-06-18 | 2020-2022三年 | 2020-2022三年 | 2020-01-01..2022-12-31
2023-06-18 | "十四五"末 | "十四五"末 | 2025-01-01..2025-12-31
2023-06-18 | late last month | late last month | 2023-05-21..2023-05-31
2023-06-18 | early this year | early this year | 2023-01-01..2023-03-31
2023-06-18 | 去年年中 | 去年年中 | 2022-06-01..2022-06-30
2019-08-06 | 發生日:108/08/05 | 108/08/05 | 2019-08-05..2019-08-05
2024-03-28 | 永豐堂元月簽約 | 元月 | 2024-01-01..2024-01-31
2025-12-16 | 今年首九個月研發開支1.58億港元 | 今年首九個月 | 2025-01-01..2025-09-30
2025-02-27 | 他補充，下半年會加入新項目 | 下半年 | 2025-07-01..2025-12-31
2025-08-28 | As of June 30, 2025, cash was $7m. In the first half of 2025 sales rose. Net loss for the six months was $3m. | the six months | 2025-01-01..2025-06-30
2025-02-05 | It had revenue of A$6m in the year to June. | the year to June | 2023-07-01..2024-06-30
2019-01-17 | MON. Marchetti buys Beaumont | MON. | 2019-01-14..2019-01-14
2020-02-03 | It has filled shifts since September at $118 an hour. | September | 2019-09-01..2019-09-30
2017-12-01 | Its merger with Unison Health Plans was blocked by a judge in February. | February | 2017-02-01..2017-02-28
2021-10-29 | They closed rounds in March and December of 2020. | March | 2020-03-01..2020-03-31
2022-10-12 | FY23E Rs 31 crore | FY23E | 2022-04-01..2023-03-31
2021-11-16 | An IPO is pencilled in for January. | January | 2022-01-01..2022-01-31
2022-02-17 | Its maker, Lark, does not expect clearance before the fourth quarter. | the fourth quarter | 2022-10-01..2022-12-31
2023-09-20 | Kenya has postponed its campaign to January. | January | 2024-01-01..2024-01-31
2019-02-26 | The mask won't reach shops before July. | July | 2019-07-01..2019-07-31
2024-02-10 | The company will report its fourth quarter results next week. | fourth quarter | 2023-10-01..2023-12-31
2024-05-20 | The ministry promised in March to build 500 beds. | March | 2024-03-01..2024-03-31
2024-05-20 | The launch, postponed in March, cost it 5 million. | March | 2024-03-01..2024-03-31
2024-05-20 | It has been run by the group since\n2019. In March it raised 5 million euros. | March | 2024-03-01..2024-03-31
2021-10-27 | It signed two hospitals this month and the teachers' plan in September. | September | 2021-09-01..2021-09-30
2015-07-20 | FY ends June 30. The supplier now gives the first quarter of 2016. | the first quarter of 2016 | 2016-01-01..2016-03-31
2022-11-29 | Interim results for the six months ended 30 September 2022. H1 FY23 revenue | H1 FY23 | 2022-04-01..2022-09-30
2019-03-12 | Six months ended December 31, 2018. 6M FY19: 23 | 6M FY19 | 2018-07-01..2018-12-31
2024-01-29 | 2015. Bought for £3 million in February: a pump works.\n2018: Its clinic opens in June. | February | 2015-02-01..2015-02-28
2024-01-29 | 2015. Bought for £3 million in February: a pump works.\n2018: Its clinic opens in June. | June | 2018-06-01..2018-06-30
2024-01-05 | The scanner won't be shown: its maker ceased production in November. | November | 2023-11-01..2023-11-30
2025-09-18 | The fund will pay for both apps from 1 January. | 1 January | 2026-01-01..2026-01-01
2012-10-30 | Three months ended September 30: 2012 / 2011\nSales 41 / 43 | 2011 | 2011-07-01..2011-09-30
2017-11-09 | In the quarter ended September 30, 2017 and 2016 it lost money. | 2016 | 2016-07-01..2016-09-30
2017-11-09 | It was founded in 2016. The quarter ended September 30, 2017 was bad. | 2016 | 2016-01-01..2016-12-31
2012-10-30 | In January-September 2012 sales were EUR 84m (corresponding period: EUR 79m). | corresponding period | 2011-01-01..2011-09-30
2023-09-11 | 去年10月开始试用。\n9月6日，公司签署协议。 | 9月6日 | 2023-09-06..2023-09-06
2016-07-06 | 2016年上半年投资39亿美元，创下半年度纪录；去年同期35亿美元。 | 去年同期 | 2015-01-01..2015-06-30
"""
ROWS = [tuple(line.replace("\\n", "\n").split(" | ")) for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("published", "text", "mention", "days"), ROWS, ids=[f"{row[2]} ({row[0]})" for row in ROWS])
def test_date_in_its_text(published: str, text: str, mention: str, days: str) -> None:
    conventions, at = read_conventions(text, int(published[:4])), text.index(mention)
    date = date_at(text, at, at + len(mention), find_dates(text, published, conventions), published, conventions)
    assert date is not None
    assert f"{date.start}..{date.end}" == days
    assert mention[date.mention.start : date.mention.end] == date.mention.text


@pytest.mark.parametrize(
    ("text", "value", "year"),
    [
        ("2020年至2022年，营收分别为1亿元、2亿元和3亿元。", "1亿", 2020),
        ("2020年至2022年，营收分别为1亿元、2亿元和3亿元。", "3亿", 2022),
        ("From 2020 to 2022, sales were $1m, $4m and $9m, respectively.", "$4m", 2021),
    ],
)
def test_each_figure_of_a_list_has_its_own_year(text: str, value: str, year: int) -> None:
    dates = find_dates(text, "2023-03-01")
    mention = dates[0].mention
    date = date_at(text, mention.start, mention.end, dates, "2023-03-01", value=text.index(value))
    assert date is not None
    assert date.start is not None
    assert (date.start.year, date.precision) == (year, "year")


def test_a_list_of_another_length_keeps_the_range() -> None:
    text = "2020年至2022年，营收分别为1亿元和3亿元。"
    date = date_at(text, 0, 11, find_dates(text), value=text.index("3亿"))
    assert str(date.end) == "2022-12-31"


@pytest.mark.parametrize(
    ("words", "published", "ahead", "start"),
    [
        ("March", "2023-11-17", True, "2024-03-01"),
        ("Jan. 15", "2022-10-27", True, "2023-01-15"),
        ("七月", "2022-09-09", True, "2023-07-01"),
        ("3月5日", "2021-03-09", True, "2021-03-05"),
        ("Monday", "2025-09-25", True, "2025-09-22"),
        ("March 2023", "2023-11-17", True, "2023-03-01"),
        ("March", "2023-11-17", False, "2023-03-01"),
    ],
)
def test_what_is_to_come_lies_ahead(words: str, published: str, ahead: bool, start: str) -> None:
    date = parse_date(words, published)
    assert date is not None
    assert str(in_time(date, dt.date.fromisoformat(published), ahead=ahead).start) == start


def test_what_happened_lies_behind() -> None:
    date = parse_date("September", "2023-03-17")
    assert date is not None
    assert str(in_time(date, dt.date(2023, 3, 17), ahead=False).start) == "2022-09-01"
    assert str(in_time(date, dt.date(2023, 8, 17), ahead=False).start) == "2023-09-01"
    assert in_time(date, None, ahead=False) is date


@pytest.mark.parametrize(
    "text",
    [
        "At week 24, 80 percent of patients responded.",
        "Sales fell over the Lunar New Year.",
        "Easter Seals raised it.",
        "公司完成第一天使轮融资",
        "第一天津医院开业",
    ],
)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert find_dates(text, "2024-02-20") == []


@pytest.mark.parametrize("published", [dt.date(1, 1, 5), dt.date(9999, 12, 31)])
def test_the_ends_of_the_calendar_crash_nothing(published: dt.date) -> None:
    for words in ("the nine months", "week 53", "March", "Easter", "eight weeks to Sunday", "February 29", "全年", "首月"):
        dates = find_dates(words, published)
        date = date_at(words, 0, len(words), dates, published)
        for ahead in (True, False):
            assert date is None or in_time(date, published, ahead=ahead) is not None
