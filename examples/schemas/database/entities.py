"""Rows as Supabase returns them, written by hand."""

from typing import Any, Optional, TypedDict


class OrganizationRow(TypedDict):
    """A tenant."""

    id: str
    name: str
    slug: str  # stands in the address
    type: str
    settings: dict[str, Any]
    created_at: str


class ProfileRow(TypedDict):
    id: str
    email: str
    full_name: str
    created_at: str


class ProjectRow(TypedDict):
    id: str
    organization_id: str
    name: str
    description: Optional[str]
    status: str
    score: Optional[str]  # 0 to 100
    tags: list[str]
    created_at: str
