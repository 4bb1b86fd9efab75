"""`tellgraph fetch`: every download that Tellgraph needs, ahead of time."""

from __future__ import annotations

import click

from graphstore.jars import fetch_jars, pinned_release
from graphstore.settings import Settings
from training.pretrained import PUBLISHED, fetch, is_fetched

__all__ = ["command"]


@click.command("fetch")
def command() -> None:
    """Download once what other commands would download when they first need it.

    That is the private Neo4j (unless NEO4J_URI names one) and three small pretrained models, into the cache
    folder. What is there already is kept.

    \b
    Examples:
      tellgraph fetch
      TELLGRAPH_CACHE=/big/disk tellgraph fetch
    """
    settings = Settings.from_environment()
    missing = [name for name in PUBLISHED if not is_fetched(name, settings.cache)]
    download = sum(PUBLISHED[name].download_megabytes for name in missing)
    stored = sum(PUBLISHED[name].stored_megabytes for name in missing)
    if missing:
        click.echo(f"Models to fetch: {', '.join(missing)}: {download} MB to download, {stored} MB stored.")
    if settings.neo4j_uri is None:
        release = pinned_release()
        folder = fetch_jars(settings.cache, release)
        click.echo(f"Neo4j {release.version} is in {folder}")
    for name in PUBLISHED:
        click.echo(f"{name} is in {fetch(name, settings.cache, lambda line: click.echo(line, err=True))}")
