"""Healthcare-industry news in Chinese or English in; typed, validated records out."""
