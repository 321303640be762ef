"""What the application asks of Supabase."""

from supabase import Client

from schemas.database.entities import ProjectRow


def latest_projects(db: Client, organization: str) -> list[ProjectRow]:
    found = (
        db.table("projects")
        .select("*")
        .eq("organization_id", organization)
        .order("create_at", desc=True)
        .limit(20)
        .execute()
    )
    return found.data


def add_project(db: Client, organization: str, name: str) -> str:
    added = db.table("projects").insert({"organization_id": organization, "name": name}).execute()
    return added.data[0]["id"]


def addresses(db: Client, organization: str) -> list[str]:
    members = db.table("organization_members").select("role, profiles(email)").eq("organization_id", organization)
    return [member["profiles"]["email"] for member in members.execute().data]
