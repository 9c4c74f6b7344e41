"""Make the fonts of our documents: small TrueType subsets of Debian's fonts-noto-cjk.

A document set in the whole Noto CJK collection is nine times slower to make and larger, so pages
are set in these subsets (GB 2312, Latin, and name characters beyond GB 2312) and fall back to the
collection for the rest. The folder is PORTAL_FONT_DIR (default var/fonts). What is there and was
made from the same sources by the same script stays. `fonts.json` says what the folder holds and
which characters subset and collection can draw together; foundation.glyphs reads it. `fonts.conf`
shows fontconfig these fonts alone, so that a document looks the same on every machine.
"""

import hashlib
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from xml.sax.saxutils import escape

import fontTools
from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, newTable

CHECKOUT = Path(__file__).resolve().parent.parent
# family, style, source file, face in the collection
FACES = [
    ("Portal Serif", "Regular", "NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC"),
    ("Portal Serif", "Bold", "NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC"),
    ("Portal Sans", "Regular", "NotoSansCJK-Regular.ttc", "Noto Sans CJK SC"),
    ("Portal Sans", "Bold", "NotoSansCJK-Bold.ttc", "Noto Sans CJK SC"),
]
FOLDERS = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
]
# Characters of names of persons, places and firms that GB 2312 lacks.
NAMES = (
    "㛃䶮丷伃佲侁侴俶偲儁冇勍匋卲叕吔啰喆喦嗞嘚囍圙垚垟埇埗埮堃堉堌堽堾塅壵夲妏妧姃姈姌姞姮娍"
    "婞婳婼媄媖媞嫄嫕嬿孖宬峂峣峧峯崀崟嵚嶓嶶巘巿幵弢弶彧徫忞悊惇慜憙扆抎挭揾摛撝敔斅旂旸昇昉"
    "昞昳晅晊晛晞晢晳暕暘暟曈曌朏朸杍柊栒栢梽梾椃楀楙榃槃橦欻氹氿汈汧沄沇沘沚泂泃洢洣洨洺浉浐"
    "浛浟浡浬淏淓淯湑湜湝湦湲溁溇溍溦滉滍滘滪漈漟漷潏潟澪濛瀍瀞瀦炆炘炟烜焜煐煴熀熇熥燊燏爔爟"
    "牁犇玏玕玙玚玠玤玥玦玭玹玿珄珅珋珒珖珝珣珦珪珫珮珰珵珺珽琀琇琎琔琟琤琫琯琲瑀瑄瑢瑧瑨瑫瑱"
    "瑺璆璈璘璟璠璥璪璬璮璱璲甪畯皛皞盬瞾矼硁硚碶磏磡磻礐礽祃祎祐禔禛禤秾稑穂竑筼箓簃簠粿紘絜"
    "纮绤绬缐缞羑羕翀翃翙翚翯翾臜芃芣茀荘萩葰蓂薢虓蜑螠衎袆褀訚訸讬谞豨赟跶遹郃郈鄏酂鉏鍊鍾钘"
    "锽镈镠閟阇隃隺霂霨颋颎颙飏駃騊驎骎髙鬱魋鱇鲀鲃鲌鲏鲯鲹鲾鳀鳉鳚鳡鳤鳯鸮鸰鸻鹀鹍鹝鹡鹮麃麹"
    "黇龑龢𨱏"
)
EXTRA = "‐‑‒–—‘’“”•…‰€™←↑→↓≤≥✓−・"
STAMP = "fonts.json"
CONFIGURATION = "fonts.conf"
ENGLISH = 0x409
EM = 1000


def characters() -> set[str]:
    """Return what the subsets can draw."""
    text = set(NAMES + EXTRA)
    text.update(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180)]))
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            text.update(bytes([row, cell]).decode("gb2312", errors="ignore"))
    return text


def find(name: str) -> Path:
    """Find a source file of the collection."""
    for folder in FOLDERS:
        for path in sorted(Path(folder).expanduser().rglob(name)):
            return path
    sys.exit(f"{name} was not found. Install Debian's package fonts-noto-cjk.")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace(path: Path, text: str) -> None:
    """Write a file at once, so that a reader never sees half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def file_name(family: str, style: str) -> str:
    return f"{family.replace(' ', '')}-{style}.ttf"


def open_face(path: Path, face: str):
    for font in TTCollection(path, lazy=True).fonts:
        if font["name"].getDebugName(1) == face or font["name"].getDebugName(16) == face:
            return font
    sys.exit(f"{path} holds no face named {face}.")


def to_truetype(font, outlines):
    """Give a font without outlines quadratic ones.

    TrueType outlines halve the embedded font and are faster to embed than the collection's CFF.
    """
    order = font.getGlyphOrder()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, max_err=0.8, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    for field in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements"):
        setattr(limits, f"max{field}", 0)
    limits.maxZones, limits.maxSizeOfInstructions, limits.maxComponentElements = 1, 0, 0
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def rename(font, family: str, style: str):
    """Name the subset as ours, so that no system font is taken for it."""
    texts = {1: family, 2: style, 3: f"{family} {style}", 4: f"{family} {style}"}
    texts[6] = file_name(family, style).removesuffix(".ttf")
    kept = {0, 7, 13, 14}
    font["name"].names = [
        record
        for record in font["name"].names
        if record.nameID in {*texts, *kept} and record.langID == ENGLISH
    ]
    for record in font["name"].names:
        record.string = texts.get(record.nameID, str(record))


def build(task: tuple[str, str, Path, str, Path]) -> tuple[list[int], dict[str, int]]:
    """Make one subset; return the code points of the whole face and what is not 1 em wide."""
    family, style, source, face, target = task
    font = open_face(source, face)
    font.recalcTimestamp = False
    covered = sorted(font.getBestCmap())
    outlines = font.getGlyphSet()
    options = subset.Options()
    options.drop_tables += ["CFF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]
    options.layout_features = ["kern", "pwid", "halt", "palt"]
    options.name_IDs = ["*"]
    options.glyph_names = True
    options.hinting = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(characters())))
    subsetter.subset(font)
    to_truetype(font, outlines)
    rename(font, family, style)
    font.save(target)
    widths = font["hmtx"].metrics
    advances = {chr(point): widths[name][0] for point, name in font.getBestCmap().items()}
    return covered, {character: width for character, width in advances.items() if width != EM}


def ranges(numbers: list[int]) -> list[list[int]]:
    """Write sorted numbers as first and last of each run."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def configuration(folder: Path, sources: list[Path]) -> str:
    """Return what fontconfig reads for our documents: these fonts and no others of the machine."""
    files = [folder / "*.ttf", *sources]
    accepted = "".join(f"<glob>{escape(str(path))}</glob>" for path in files)
    folders = sorted({str(path.parent) for path in files})
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
        "<fontconfig>\n"
        + "".join(f"<dir>{escape(name)}</dir>\n" for name in folders)
        + f"<cachedir>{escape(str(folder / 'cache'))}</cachedir>\n"
        "<selectfont><rejectfont><glob>*</glob></rejectfont>"
        f"<acceptfont>{accepted}</acceptfont></selectfont>\n"
        "</fontconfig>\n"
    )


def main():
    folder = CHECKOUT / os.environ.get("PORTAL_FONT_DIR", "var/fonts")
    folder.mkdir(parents=True, exist_ok=True)
    sources = {source: find(source) for _, _, source, _ in FACES}
    made_from = {source: sha256(path) for source, path in sources.items()}
    made_from["script"] = sha256(Path(__file__))
    made_from["fontTools"] = fontTools.version
    settings = configuration(folder.resolve(), sorted(sources.values()))
    replace(folder / CONFIGURATION, settings)
    stamp = folder / STAMP
    if stamp.is_file():
        kept = json.loads(stamp.read_text())
        if kept["made_from"] == made_from and all(
            (folder / name).is_file() and sha256(folder / name) == digest
            for name, digest in kept["files"].items()
        ):
            print(f"{folder}: up to date")
            return
    with tempfile.TemporaryDirectory(dir=folder) as draft:
        tasks = [
            (family, style, sources[source], face, Path(draft) / file_name(family, style))
            for family, style, source, face in FACES
        ]
        with ProcessPoolExecutor(max_workers=min(len(tasks), os.cpu_count() or 1)) as pool:
            covered, advances = zip(*pool.map(build, tasks), strict=True)
        for *_, path in tasks:
            path.replace(folder / path.name)
        common = sorted(set.intersection(*map(set, covered)))
        facts = {
            "made_from": made_from,
            "files": {path.name: sha256(folder / path.name) for *_, path in tasks},
            "characters": ranges(common),
            "advances": {
                f"{family} {style}": widths
                for (family, style, *_), widths in zip(FACES, advances, strict=True)
            },
        }
        facts["fingerprint"] = hashlib.sha256("".join(facts["files"].values()).encode()).hexdigest()
        replace(stamp, json.dumps(facts, ensure_ascii=False) + "\n")
    for *_, path in tasks:
        print(f"{folder / path.name}: {(folder / path.name).stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
