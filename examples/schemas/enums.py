"""Enum types of the database, and two of our own."""

from enum import Enum


class OrganizationType(str, Enum):
    """What an organization is for."""

    PERSONAL = "personal"
    TEAM = "team"
    ENTERPRISE = "enterprise"

    @property
    def is_shared(self) -> bool:
        return self is not OrganizationType.PERSONAL


class MemberRole(str, Enum):
    MEMBER = "member"
    ADMIN = "admin"  # may invite others
    OWNER = "owner"


class ProjectStatus(str, Enum):
    # shown as the colour of the card
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class SortOrder(str, Enum):
    """Our own: no type of the database."""

    NEWEST = "newest"
    OLDEST = "oldest"
