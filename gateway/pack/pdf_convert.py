"""A PDF made PDF/A-1b by Ghostscript, a program of its own that a site may install beside the gateway.

It runs without network or files of its own choosing, under limits of time, memory and size, in a folder that only
memory holds. What it makes is judged before it is taken.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Protocol

import pikepdf
import typst

from gateway.pack.pdf import PDF_LIMIT, judge
from gateway.pack.pdf_rules import PdfRules, to_convert

MEMORY = 1500  # MB of address space
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 held in memory: no document is on the disk in clear

Why = Literal["not-installed", "too-slow", "failed", "not-archival"]

_OPTIONS = (
    "-dSAFER",
    "-dBATCH",
    "-dNOPAUSE",
    "-dQUIET",
    "-sDEVICE=pdfwrite",
    "-dPDFA=1",
    "-dPDFACompatibilityPolicy=1",  # what PDF/A-1 forbids is left out; the rest is kept
    "-sColorConversionStrategy=RGB",
    "-dAutoRotatePages=/None",
    "-dAutoFilterColorImages=false",  # nothing is compressed with loss that was not before
    "-dAutoFilterGrayImages=false",
    "-dColorImageFilter=/FlateEncode",
    "-dGrayImageFilter=/FlateEncode",
)
# ISO 19005-1 §6.2.2: the profile the file's colours are meant in, taken from a page of ours.
_INTENT = """%!
[/_objdef {profile} /type /stream /OBJ pdfmark
[{profile} << /N 3 >> /PUT pdfmark
[{profile} (PROFILE) (r) file /PUT pdfmark
[/_objdef {intent} /type /dict /OBJ pdfmark
[{intent} << /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB)
  /DestOutputProfile {profile} >> /PUT pdfmark
[{Catalog} << /OutputIntents [{intent}] >> /PUT pdfmark
"""
# A shell sets the limits of what it then becomes: nothing of this process is copied for it.
_LIMITED = 'ulimit -v "$1" && ulimit -t "$2" && ulimit -f "$3" && ulimit -c 0 && shift 3 && exec "$@"'


class NotConverted(Exception):
    """There is no PDF/A-1 of it. `why` is a word without anything of the document."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


class Converter(Protocol):
    """Makes PDF/A-1 of a PDF. Raises NotConverted; what it returns is yet to be judged."""

    def convert(self, pdf: bytes) -> bytes:
        """The same pages, archival."""
        ...


class Ghostscript:
    """The converter by that program.

    program  its name or place
    seconds  the longest one document may take
    """

    def __init__(self, program: str, *, seconds: float) -> None:
        self._program, self._seconds = program, seconds

    @property
    def is_installed(self) -> bool:
        """Whether the program is there."""
        return shutil.which(self._program) is not None

    def convert(self, pdf: bytes) -> bytes:
        """The same pages as PDF/A-1b, as Ghostscript claims. Raises NotConverted."""
        program = shutil.which(self._program)
        if program is None:
            raise NotConverted("not-installed")
        try:
            with TemporaryDirectory(dir=_SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None) as name:
                folder = Path(name)
                (folder / "in.pdf").write_bytes(pdf)
                (folder / "profile.icc").write_bytes(_profile())
                (folder / "intent.ps").write_text(_INTENT.replace("PROFILE", str(folder / "profile.icc")), "utf-8")
                self._run([program, *_OPTIONS, *_files(folder)], folder)
                return (folder / "out.pdf").read_bytes()
        except OSError:  # no room, or nothing was written
            raise NotConverted("failed") from None

    def _run(self, command: list[str], folder: Path) -> None:
        limits = [str(MEMORY * 1024), str(int(self._seconds) + 1), str(2 * PDF_LIMIT // 512)]
        process = subprocess.Popen(
            ["/bin/sh", "-c", _LIMITED, "sh", *limits, *command],
            cwd=folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "TMPDIR": str(folder), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # may quote the document
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = process.wait(self._seconds)
        except subprocess.TimeoutExpired:
            raise NotConverted("too-slow") from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if code != 0:
            raise NotConverted("failed")


def convert_pdf(pdf: bytes, rules: PdfRules, converter: Converter | None) -> bytes | None:
    """The PDF/A-1 to carry in place of a PDF; None when the rules ask for none, or it is no PDF. Raises NotConverted.

    It is taken when it claims PDF/A-1 with an output intent, does nothing by itself, and has as many pages.
    """
    if rules.archival != "convert":
        return None
    before = judge(pdf)
    if before.fault or not to_convert(before, rules):
        return None
    if converter is None:
        raise NotConverted("not-installed")
    made = converter.convert(pdf)
    after = judge(made)
    whole = after.fault is None and not after.active and after.pages == before.pages
    if not (whole and after.archival and after.claim and after.claim.intent):
        raise NotConverted("not-archival")
    return made


def _files(folder: Path) -> list[str]:
    """What Ghostscript may read and write; -dSAFER keeps it from anything else."""
    profile, intent, read, written = (str(folder / name) for name in ("profile.icc", "intent.ps", "in.pdf", "out.pdf"))
    return [f"--permit-file-read={profile}", f"-sOutputFile={written}", intent, read]


@cache
def _profile() -> bytes:
    """An sRGB profile: the one typst puts into PDF/A-1."""
    page = typst.compile(b'#set document(title: "-")\n-', format="pdf", pdf_standards=["a-1b"])
    assert isinstance(page, bytes)
    with pikepdf.open(io.BytesIO(page)) as pdf:
        intent = pdf.Root.OutputIntents[0]
        assert isinstance(intent, pikepdf.Dictionary)
        return intent.DestOutputProfile.read_bytes()
