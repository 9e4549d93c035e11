"""Pages of the site that are not below docs/, and links to files of the repository.

A page keeps its place: a link that works in the repository works in the site. Every file that a page
links to, and that is no page, is part of the site as it is.
"""

import glob
import os
import posixpath
import re

from mkdocs.structure.files import File

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGES = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "deploy/README.md",
    "deploy/helm/scopegate/README.md",
    "deploy/image/README.md",
    "deploy/monitoring/README.md",
    "e2e/README.md",
    "loadtest/README.md",
]
PAGES += sorted(glob.glob("deploy/examples/*/README.md", root_dir=REPOSITORY))
LINK = re.compile(r"(?<!!)(\[[^\]]*\]\()([^)\s#]+)(#[^)\s]*)?(\))")
CODE = re.compile(r"^( *)(```|~~~).*?^\1\2 *$", re.MULTILINE | re.DOTALL)


def in_repository(page):
    """Where the source of a page is, from the top of the repository."""
    return page if page in PAGES else posixpath.join("docs", page)


def in_site(path):
    """Where a file of the repository is in the site; None for what is not in the repository."""
    if path.startswith("docs/"):
        return path[len("docs/") :]
    if path in PAGES:
        return path
    return posixpath.join("files", path)


def source(path):
    with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
        return file.read()


def prose(text, change):
    """Changes what is not in a block of code."""
    parts, end = [], 0
    for code in CODE.finditer(text):
        parts += [change(text[end : code.start()]), code.group()]
        end = code.end()
    return "".join(parts + [change(text[end:])])


def links(page, text):
    """The files that a page links to, from the top of the repository."""
    here = posixpath.dirname(in_repository(page))
    found = []

    def note(part):
        for match in LINK.finditer(part):
            if ":" not in match.group(2):
                found.append(posixpath.normpath(posixpath.join(here, match.group(2))))
        return part

    prose(text, note)
    return found


def on_files(files, config):
    for path in PAGES:
        files.append(File.generated(config, path, content=source(path)))
    known = {file.src_uri for file in files}
    for page in [file for file in files.documentation_pages()]:
        for path in links(page.src_uri, page.content_string):
            full = os.path.join(REPOSITORY, path)
            if path.startswith("..") or not os.path.isfile(full):
                continue  # the link is reported as a broken one
            if in_site(path) not in known:
                known.add(in_site(path))
                files.append(File.generated(config, in_site(path), abs_src_path=full))
    return files


def on_page_markdown(markdown, page, config, files):
    here = page.file.src_uri

    def one(match):
        opening, target, anchor, closing = match.groups()
        if ":" in target:
            return match.group()
        path = posixpath.normpath(
            posixpath.join(posixpath.dirname(in_repository(here)), target)
        )
        full = os.path.join(REPOSITORY, path)
        if os.path.isdir(full) and os.path.isfile(os.path.join(full, "README.md")):
            path = posixpath.join(path, "README.md")
        elif os.path.isdir(full):
            return match.group(1)[1:-2]  # a folder is no page: its name stays
        to = posixpath.relpath(in_site(path), posixpath.dirname(here) or ".")
        return opening + to + (anchor or "") + closing

    return prose(markdown, lambda part: LINK.sub(one, part))
