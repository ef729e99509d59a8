"""SSH signatures by ``ssh-keygen -Y``: no key of ours, no cryptography of ours."""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from darkdays.errors import DarkdaysError, InputError
from darkdays.files import paths

NAMESPACE: Final = "darkdays"
_TOOL: Final = "ssh-keygen"
_SIGNERS: Final = "allowed_signers"


def sign(content: bytes, key: Path) -> str:
    """Return the signature of some bytes.

    Parameters
    ----------
    content
        What is signed.
    key
        An SSH key, or the public half of one that an agent holds.

    Raises
    ------
    DarkdaysError
        If there is no ``ssh-keygen``, or it does not sign.
    """
    done = _run(["sign", "-f", str(key.absolute()), "-n", NAMESPACE], content)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        raise DarkdaysError(f"{key.name} did not sign: {said[-1]}.")
    return done.stdout.decode("ascii")


def signers_file(stated: Path | None = None) -> Path | None:
    """Return the file of signers somebody trusts: as stated, the checkout's, or ``~/.ssh``'s.

    Raises
    ------
    InputError
        If one is stated and is not there.
    """
    if stated is not None:
        if not stated.is_file():
            raise InputError(f"there is no file of signers {stated}; name one with --signers.")
        return stated
    places = [paths.root() / _SIGNERS]
    with suppress(RuntimeError):  # nobody's home
        places.append(Path.home() / ".ssh" / _SIGNERS)
    return next((one for one in places if one.is_file()), None)


def signer_of(content: bytes, signature: str, signers: Path | None) -> tuple[bool, str]:
    """Return whether a signature fits, and by whom it is in words; nothing is asked of a network.

    Parameters
    ----------
    content, signature
        What was signed, and the signature.
    signers
        The file ``ssh-keygen`` calls ``allowed_signers``; without, keys have no names.

    Raises
    ------
    DarkdaysError
        If there is no ``ssh-keygen``.
    """
    with tempfile.TemporaryDirectory(prefix="darkdays-signature-") as scratch:
        path = Path(scratch) / "signature"
        path.write_text(signature, encoding="utf-8")
        stated = ["-n", NAMESPACE, "-s", str(path)]
        fits = _run(["check-novalidate", *stated], content)
        if fits.returncode != 0:
            return False, "its signature does not fit"
        key = fits.stdout.decode("utf-8", "replace").strip().rpartition(" key ")[2]
        if signers is not None:
            found = _run(["find-principals", *stated[2:], "-f", str(signers)], b"")
            for name in found.stdout.decode("utf-8", "replace").split():
                words = ["verify", "-I", name, "-f", str(signers), *stated]
                if _run(words, content).returncode == 0:
                    return True, f"signed by {name}"
        return True, f"signed with the key {key}, which no list of signers here names"


def _run(words: list[str], content: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            [_TOOL, "-Y", *words], input=content, capture_output=True, check=False
        )
    except OSError:
        raise DarkdaysError(
            f"there is no {_TOOL} here to make or check signatures: install OpenSSH's client."
        ) from None
