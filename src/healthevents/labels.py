"""What the model is asked of each token: the label sets, shared by training and extraction and stored with every model.

Four IOB2 heads, one for each record type, say which mentions play which role (a company can be an investor in one head and a party in
another). Attributes are read at the first token of a mention: the status of a funding is read at its amount, whether an investor leads
at the investor, and so on. Links are scores between two mentions: "belong to one record" for each record type, and "name one entity".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from healthevents.annotations import ROLES
from healthevents.schema import EntityKind, LaunchAction, PartnershipKind, Status


def iob2_labels(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Return `O`, then `B-role` and `I-role` for each role."""
    return ("O", *(f"{prefix}-{role}" for role in roles for prefix in "BI"))


# Record type to the labels of its IOB2 head.
TAGS: dict[str, tuple[str, ...]] = {record_type: iob2_labels(roles) for record_type, roles in ROLES.items()}


def head_slices(tags: Mapping[str, tuple[str, ...]], attributes: Mapping[str, tuple[str, ...]]) -> dict[str, slice]:
    """Return where each head's and attribute's labels lie in the last axis of the logits: one after the other, heads first."""
    slices, at = {}, 0
    for name, labels in {**tags, **attributes}.items():
        slices[name] = slice(at, at + len(labels))
        at += len(labels)
    return slices


# Attribute to its values. Status stands once for each record type: one mention can serve a done deal and a planned launch.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    **{f"{record_type}.status": get_args(Status) for record_type in ROLES},
    "funding.lead": ("unknown", "lead", "participant"),
    "partnership.kind": get_args(PartnershipKind),
    "product_launch.action": get_args(LaunchAction),
    "entity.kind": get_args(EntityKind),
}

# The roles at whose mentions a record's own attributes (status, kind, action) are read. Dates and versions tell the events of one product apart, and
# the agreements of the same two parties.
CORE_ROLES: dict[str, tuple[str, ...]] = {
    "funding": ("amount", "round", "stake", "company"),
    "partnership": ("party", "scope", "date"),
    "product_launch": ("product", "version", "date"),
    "metric": ("value", "change"),
}

ENTITY_ROLES: dict[str, tuple[str, ...]] = {
    "funding": ("company", "investor"),
    "partnership": ("party",),
    "product_launch": ("product", "organisation"),
    "metric": ("subject",),
}

COREFERENCE = "coreference"
LINKS: tuple[str, ...] = (*ROLES, COREFERENCE)
