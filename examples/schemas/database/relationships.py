"""Rows of tables that tie others together."""

from typing import TypedDict


class OrganizationMemberRow(TypedDict):
    organization_id: str
    profile_id: str
    role: str
    joined_at: str
