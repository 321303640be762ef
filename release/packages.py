"""Builds the sdist and the wheel twice, compares the bytes, and has twine check what a package index would show.

The second build takes place in the first one's unpacked sdist: so the sdist is complete, and what is built depends
neither on the folder nor on the time. The packages are left in the folder that is given.

Authority: "SOURCE_DATE_EPOCH specification" of reproducible-builds.org.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def build(source: Path, folder: Path) -> dict[str, str]:
    """Build an sdist of *source*, and a wheel of that sdist, into *folder*; return their SHA-256 by name."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # where uv is
    environment = {**os.environ, "SOURCE_DATE_EPOCH": time(), "PATH": path}
    command = [sys.executable, "-m", "build", "--installer", "uv", "--outdir", str(folder), str(source)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def time() -> str:
    """Return SOURCE_DATE_EPOCH, or the time of the last commit; in an sdist, that of its files."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    if not (REPOSITORY / ".git").exists():
        return str(int((REPOSITORY / "PKG-INFO").stat().st_mtime))
    command = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.strip()


def main(folder: Path) -> None:
    """Build into *folder*, which is emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    built = build(REPOSITORY, folder)
    with tempfile.TemporaryDirectory() as scratch:
        (sdist,) = folder.glob("*.tar.gz")
        with tarfile.open(sdist) as archive:
            archive.extractall(scratch, filter="data")
        again = build(Path(scratch) / sdist.name.removesuffix(".tar.gz"), Path(scratch) / "again")
    if built != again:
        sys.exit(f"Two builds differ:\n{built}\n{again}")
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *folder.iterdir()], check=True)
    print(*(f"{digest}  {name}" for name, digest in built.items()), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
