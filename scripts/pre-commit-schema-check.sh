#!/usr/bin/env bash
# Stops a commit while the Python that is staged does not fit the database's schema, and shows the difference.
#
#   ln -s ../../scripts/pre-commit-schema-check.sh .git/hooks/pre-commit      (or copy it there)
#
# `schema-sync hook` does the check. The lines here only save its start where no database is configured and nothing
# that concerns a schema is staged: then only git runs. When in doubt they start it, and it decides. A project below
# the repository's top: git config schema-sync.folder FOLDER. To commit all the same: git commit --no-verify.
set -euo pipefail

cd "$(git rev-parse --show-toplevel)"
folder=$(git config --get schema-sync.folder || true)
at=${folder:+${folder%/}/} # before every path: from a folder below, git may not find its index in a hook

configuration() {
  if [ -f "${at}schema-sync.toml" ]; then
    cat "${at}schema-sync.toml"
  elif [ -f "${at}pyproject.toml" ] && grep -q '^\[tool\.schema-sync' "${at}pyproject.toml"; then
    sed -n '/^\[tool\.schema-sync/,$p' "${at}pyproject.toml"
  elif [ -f "${at}scripts/schema_sync_config.json" ]; then
    cat "${at}scripts/schema_sync_config.json"
  fi
}
settings=$(configuration | grep -v '^[[:space:]]*#' || true)

says() { grep -qE "$1" <<<"$settings"; }
may_be_live() {
  case ${SCHEMA_SYNC_HOOK_SOURCE-} in offline) return 1 ;; ?*) return 0 ;; esac
  ! grep -qs SCHEMA_SYNC_HOOK_SOURCE "$at.env" || return 0
  ! says '^[ {"]*hook[-_]source"? *[=:] *["'\'']offline["'\'']' || return 1
  [ -z "${SUPABASE_DB_URL-}${DATABASE_URL-}${SUPABASE_URL-}${SUPABASE_ACCESS_TOKEN-}${SUPABASE_DB_PASSWORD-}" ] ||
    return 0
  grep -qsE '(^|[^A-Z_])(SUPABASE_(DB_URL|DB_PASSWORD|ACCESS_TOKEN|URL)|DATABASE_URL)' "$at.env" ||
    [ -e "${HOME-}/.supabase/access-token" ] ||
    says 'hook[-_]source|source"? *[=:] *["'\'']+(postgres|management|mcp|[^"'\'']*=)'
}

# The paths in the configuration, as git's patterns: every quoted text in it that could be one. Too many only make the
# check run where it need not; so this needs no parser of TOML and JSON. The defaults count always.
paths=(":(glob)${at}schemas/**/*.py" "${at}schemas/schema_lock.json" "${at}schema-sync.toml" "${at}pyproject.toml")
paths+=("${at}scripts/schema_sync_config.json" ":(glob)${at}supabase/**/*.sql" "${at}supabase/config.toml")
while IFS= read -r text; do
  case $text in
    migrations:*)
      IFS=, read -r -a folders <<<"${text#migrations:}"
      for each in "${folders[@]}"; do paths+=("$at${each%/}"); done
      ;;
    *.py | *.json | *\**) paths+=(":(glob)$at$text") ;;
  esac
done < <(grep -oE "\"[^\"]+\"|'[^']+'" <<<"$settings" | sed "s/^.//; s/.$//" || true)

# Lines of Python that may be part of a query.
queries='\.(table|from_|rpc|schema|select|insert|upsert|update|delete|eq|neq|in_|is_|or_|filter|match|order)[(]'
has_queries() { ! git diff --cached --quiet --no-ext-diff -G"$queries" -- ":(glob)${at}**/*.py"; }

if ! may_be_live && git diff --cached --quiet --no-ext-diff -- "${paths[@]}" && ! has_queries; then
  exit 0
elif command -v schema-sync >/dev/null; then
  exec schema-sync hook
elif [ -x "${at}.venv/bin/schema-sync" ]; then
  exec "${at}.venv/bin/schema-sync" hook
fi
echo "schema-sync is not installed: pip install supabase-schema-sync" >&2
exit 2
