#!/usr/bin/env bash
# Blocks a commit while the Python that is staged does not fit the database's schema, and shows the difference.
#
#   ln -s ../../scripts/pre-commit-schema-check.sh .git/hooks/pre-commit      (or copy it there)
#
# Looks at what is staged, not at the working tree: a copy of the index in a temporary folder. Offline: compares with
# the lock of the last sync, and with the migrations where SQL is staged. Where nothing that concerns a schema is
# staged, only git runs. A project below the repository's top: git config schema-sync.folder FOLDER.
# To commit all the same: git commit --no-verify.
set -euo pipefail

cd "$(git rev-parse --show-toplevel)"
folder=$(git config --get schema-sync.folder || true)
at=${folder:+${folder%/}/} # before every path: from a folder below, git may not find its index in a hook

# The paths of the configuration, as git's patterns: every quoted text in it that could be one. Too many only make
# the check run where it need not; so this needs no parser of TOML and JSON. The defaults count always.
python=(":(glob)${at}schemas/**/*.py" "${at}schemas/schema_lock.json")
python+=("${at}schema-sync.toml" "${at}pyproject.toml" "${at}scripts/schema_sync_config.json")
sql=(":(glob)${at}supabase/**/*.sql" "${at}supabase/config.toml")
migrations=migrations
configuration() {
  if [ -f "${at}schema-sync.toml" ]; then
    cat "${at}schema-sync.toml"
  elif [ -f "${at}pyproject.toml" ] && grep -q '^\[tool\.schema-sync' "${at}pyproject.toml"; then
    sed -n '/^\[tool\.schema-sync/,$p' "${at}pyproject.toml"
  elif [ -f "${at}scripts/schema_sync_config.json" ]; then
    cat "${at}scripts/schema_sync_config.json"
  fi
}
while IFS= read -r text; do
  case $text in
    migrations:*)
      migrations=$text
      IFS=, read -r -a folders <<<"${text#migrations:}"
      for each in "${folders[@]}"; do sql+=("$at${each%/}"); done
      ;;
    *.py | *.json | *\**) python+=(":(glob)$at$text") ;;
  esac
done < <(configuration | grep -oE "\"[^\"]+\"|'[^']+'" | sed "s/^.//; s/.$//" || true)

staged() { ! git diff --cached --quiet --no-ext-diff -- "$@"; }
if staged "${sql[@]}"; then
  source=$migrations
elif staged "${python[@]}"; then
  source=lock
else
  exit 0
fi

run() { (cd "$copy/$folder" && "${program[@]}" -q "$@" </dev/null); }
if command -v schema-sync >/dev/null; then
  program=(schema-sync)
elif [ -x "${at}.venv/bin/schema-sync" ]; then
  program=("$PWD/${at}.venv/bin/schema-sync")
else
  echo "schema-sync is not installed: pip install supabase-schema-sync" >&2
  exit 2
fi

copy=$(mktemp -d "${TMPDIR:-/tmp}/schema-sync-hook.XXXXXX")
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/$folder"
git ls-files -z -- "${python[@]}" "${sql[@]}" | git checkout-index -z --stdin --prefix="$copy/"

status=0
said=$(run check --source "$source" 2>&1) || status=$?
if [ "$status" = 3 ] && [ "$source" != lock ]; then
  printf '%s\n' "$said" "The migrations could not be replayed: comparing with the lock only." >&2
  source=lock
  status=0
  said=$(run check --source lock 2>&1) || status=$?
fi
case $status in
  0) grep '^not checked: ' <<<"$said" >&2 || true ;; # a lock that cannot be read: findings may be missing
  1)
    run diff --source "$source" >&2 || printf '%s\n' "$said" >&2
    {
      echo
      echo "The commit was stopped: what is staged does not fit the schema (compared with: $source)."
      echo "To mend it:  schema-sync update --source $source, then git add what it names"
      echo "To go on:    git commit --no-verify"
    } >&2
    exit 1
    ;;
  3)
    printf '%s\n' "$said" "Schema drift was not checked." >&2
    ;;
  *)
    printf '%s\n' "$said" >&2
    exit "$status"
    ;;
esac
