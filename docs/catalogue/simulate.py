"""Make the files of the tool shop in docs/your-own-catalogue.md: what it sells, what people say there, what they buy.

    python docs/catalogue/simulate.py FOLDER

    items.csv, facts.ttl ──┬──► FOLDER, as they are: an invented shop, written by hand
                           └──► customers ──┬──► train.jsonl, valid.jsonl   what they say to an assistant
                                            └──► orders.csv                 what they buy

The customers are simulated: nobody said or bought any of it. A customer grows one kind of plant and a second one, has
a place, a task that is due and a maker that they trust; a tool appeals to them by what it shares with these, and by
luck. The assistant knows what was said and which tools go together, and suggests; the customer takes what appeals to
them. Who buys does the same without words, and often buys next what goes with what they just bought. Cheap things
are suggested and bought rather than dear ones. One seed decides everything: each chat and each customer has a random
stream of its own.
"""

from __future__ import annotations

import csv
import json
import math
import random
import shutil
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from graphstore import Reject, read_triples

__all__ = ["Shop", "write_shop"]

_HERE = Path(__file__).parent
_SEED = 11
_CHATS = {"train": 240, "valid": 60}
_BUYERS = 160
_ITEM = "urn:thornby:item:"
_LUCK = 0.35
_TAKEN_FROM = 0.9  # appeal of a tool that a customer takes
_SHARPNESS = 3.5  # how strongly what fits best is preferred
_WHERE = {
    "allotment": "on my allotment",
    "balcony": "on the balcony",
    "clay soil": "on clay soil",
    "greenhouse": "in the greenhouse",
    "raised beds": "in raised beds",
}
_SAY = {
    "greet": ("Good morning! What can I find for you?", "Hello, what are you working on?", "Hi! What do you grow?"),
    "need": (
        "I need something for {task}, mostly for my {plant}.",
        "I grow {plant} {where}. What do I need for {task}?",
        "Can you help me with {task}? I have {plant}.",
        "It's time for {task}, and my {plant} look sad.",
    ),
    "maker": ("I like what {maker} makes. Have you anything for {task}?", "Something by {maker} for my {plant}?"),
    "owner": (
        "I have the {item} and like it. What goes with it?",
        "I bought the {item} from you last year. Now I need something for {task}.",
        "The {item} was a good buy. What else do you have for {plant}?",
    ),
    "with": ("The {item} goes well with the {liked}.", "Who has the {liked} usually takes the {item} as well."),
    "plant": ("Then I'd take the {item}: it is made for {plant}.", "For {plant} the {item} is right."),
    "task": ("For {task} I'd take the {item}.", "The {item} makes {task} a pleasure."),
    "maker_too": ("Then have a look at the {item}, by {maker} as well.",),
    "plain": ("How about the {item}?", "Many people are happy with the {item}."),
    "take": ("Yes, I'll take the {item}.", "The {item} sounds right, thank you.", "That's it, I'll take it."),
    "more": ("I'll take the {item}. And for {task}?", "Good. Now something {where}?", "And more for {plant}?"),
    "no": ("Not quite what I meant. Something for {plant}?", "No, I have one already. Rather for {task}.", "Hm, no."),
    "bye": ("You're welcome. Good luck with the garden!", "Enjoy it, and come back.", "With pleasure. Goodbye!"),
}


@dataclass(frozen=True)
class Shop:
    """What is sold, by URI.

    titles, prices: of the tools. facts: tool → what it is connected to → by which predicate; `goesWith` both ways.
    known: task, plant, place, maker → their URIs, sorted.
    """

    titles: dict[str, str]
    prices: dict[str, float]
    facts: dict[str, dict[str, str]]
    known: dict[str, list[str]]

    @classmethod
    def read(cls, folder: Path) -> Shop:
        """The shop of items.csv and facts.ttl in a folder."""
        with (folder / "items.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        facts: dict[str, dict[str, str]] = defaultdict(dict)
        for triple in read_triples(folder / "facts.ttl"):
            if isinstance(triple, Reject):
                raise ValueError(triple.reason)
            predicate = triple.predicate.rpartition(":")[2]
            facts[triple.subject][triple.object] = predicate
            if predicate == "goesWith":
                facts[triple.object][triple.subject] = predicate
        known: dict[str, set[str]] = defaultdict(set)
        for uri in {uri for linked in facts.values() for uri in linked}:
            known[uri.split(":")[2]].add(uri)
        return cls(
            titles={_ITEM + row["id"]: row["title"] for row in rows},
            prices={_ITEM + row["id"]: float(row["price"]) for row in rows},
            facts=dict(facts),
            known={kind: sorted(uris) for kind, uris in known.items()},
        )

    def name(self, uri: str) -> str:
        """What people call it."""
        return self.titles.get(uri) or uri.rpartition(":")[2].replace("_", " ")

    def draw(self, fits: dict[str, float], sharpness: float, rng: random.Random) -> str:
        """A tool, the better it fits the rather, the dearer the less."""
        uris = sorted(fits)
        weights = [math.exp(sharpness * fits[uri]) / math.sqrt(self.prices[uri]) for uri in uris]
        return rng.choices(uris, weights)[0]


@dataclass(frozen=True)
class Customer:
    """Somebody with a garden. wants: by kind, what matters to them; appeal: tool → how much they would like it."""

    wants: dict[str, str]
    appeal: dict[str, float]

    @classmethod
    def imagine(cls, shop: Shop, rng: random.Random) -> Customer:
        """Draw what matters to somebody. The task is one that their plant asks for."""
        plant, second = rng.sample(shop.known["plant"], 2)
        of_plant = [uri for uri in sorted(shop.titles) if plant in shop.facts[uri]]
        tool = rng.choice(of_plant)
        task = rng.choice([uri for uri, how in shop.facts[tool].items() if how == "usedFor"])
        place, maker = rng.choice(shop.known["place"]), rng.choice(shop.known["maker"])
        weights = {plant: 1.0, task: 0.8, second: 0.5, maker: 0.5, place: 0.4}
        appeal = {
            uri: sum(weights.get(linked, 0.0) for linked in shop.facts[uri]) + rng.gauss(0, _LUCK)
            for uri in sorted(shop.titles)
        }
        return cls({"plant": plant, "task": task, "place": place, "maker": maker}, appeal)


@dataclass
class Chat:
    """One conversation while it is held; `turns` are of the `tellgraph` format."""

    shop: Shop
    customer: Customer
    rng: random.Random
    named: list[str] = field(default_factory=list)
    suggested: list[str] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)

    def hold(self) -> list[dict[str, Any]]:
        """Open, then up to four suggestions, until the customer takes one and has no further wish."""
        if self.rng.random() < 0.6:
            self.say("recommender", "greet")
        self.say("seeker", self.rng.choices(("need", "owner", "maker"), (5, 3, 2))[0], self.owned())
        for left in range(3, -1, -1):
            item = self.suggest()
            if self.customer.appeal[item] < _TAKEN_FROM and left:
                self.say("seeker", "no")
            elif left > 1 and self.rng.random() < 0.4:
                self.say("seeker", "more", item)
            else:
                self.say("seeker", "take", item)
                break
        self.say("recommender", "bye")
        return self.turns

    def owned(self) -> str:
        """A tool that somebody like this customer has."""
        return self.shop.draw(self.customer.appeal, _SHARPNESS, self.rng)

    def suggest(self) -> str:
        """A tool for what was named: it has to do with it, or goes with a tool of which the customer spoke."""
        fits: dict[str, float] = {}
        for uri, linked in self.shop.facts.items():
            if uri in self.shop.titles and uri not in {*self.named, *self.suggested}:
                direct = sum(1.0 for one in set(self.named) if one in linked)
                owned = (self.shop.facts[one] for one in self.named if one in self.shop.titles)
                alike = sum(len(linked.keys() & facts.keys()) for facts in owned)
                fits[uri] = direct + 0.15 * alike
        item = self.shop.draw(fits, _SHARPNESS, self.rng)
        reasons = {linked: how for linked, how in self.shop.facts[item].items() if linked in self.named}
        reason = self.rng.choice([*reasons, None]) if reasons else None
        acts = {"goesWith": "with", "goodFor": "plant", "usedFor": "task", "madeBy": "maker_too"}
        self.say("recommender", acts.get(reasons[reason], "plain") if reason else "plain", item, reason)
        self.suggested.append(item)
        return item

    def say(self, role: str, act: str, item: str | None = None, reason: str | None = None) -> None:
        """Add a turn. What its sentence names are its mentions."""
        slots = {**self.customer.wants, "item": item, "liked": reason}
        if reason and role == "recommender" and act != "with":
            slots[reason.split(":")[2]] = reason
        sentence = self.rng.choice(_SAY[act])
        used = [slot for slot in slots if f"{{{slot}}}" in sentence]
        uris = [uri for slot in used if (uri := slots[slot])]
        if "{where}" in sentence:
            uris.append(self.customer.wants["place"])
        names = {slot: self.shop.name(uri) for slot, uri in slots.items() if uri}
        text = sentence.format(**names, where=_WHERE[self.shop.name(self.customer.wants["place"])])
        items = [uri for uri in uris if uri in self.shop.titles]
        entities = [uri for uri in uris if uri not in self.shop.titles]
        self.turns.append({"role": role, "text": text, "items": items, "entities": entities})
        if role == "seeker" and act != "no":
            self.named += uris
        elif role == "seeker":
            self.named += entities


def orders(shop: Shop, count: int) -> list[tuple[str, str, str]]:
    """(user, item's id, time) of `count` customers, each with 3 to 8 things within two years."""
    rows = []
    for number in range(1, count + 1):
        rng = random.Random(f"{_SEED}/buyer/{number}")
        customer = Customer.imagine(shop, rng)
        bought: list[str] = []
        moment = datetime(2024, 1, 1, 9) + timedelta(minutes=rng.randrange(400 * 24 * 60))
        for _ in range(rng.randint(3, 8)):
            fits = {uri: appeal for uri, appeal in customer.appeal.items() if uri not in bought}
            if bought and rng.random() < 0.35:  # what goes with the last thing
                fits = {uri: fits[uri] for uri in shop.facts[bought[-1]] if uri in fits} or fits
            bought.append(shop.draw(fits, _SHARPNESS, rng))
            rows.append((f"customer-{number:03d}", bought[-1].removeprefix(_ITEM), moment.isoformat()))
            moment += timedelta(minutes=rng.randrange(60 * 24 * 60))
    return sorted(rows, key=lambda row: (row[2], row[0]))


def write_shop(folder: Path) -> Sequence[Path]:
    """Write the shop's five files; the same bytes each time."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("items.csv", "facts.ttl"):
        shutil.copyfile(_HERE / name, folder / name)
    shop = Shop.read(_HERE)
    written = [folder / "items.csv", folder / "facts.ttl"]
    for split, count in _CHATS.items():
        lines = []
        for number in range(1, count + 1):
            rng = random.Random(f"{_SEED}/{split}/{number}")
            turns = Chat(shop, Customer.imagine(shop, rng), rng).hold()
            lines.append(json.dumps({"id": f"{number:03d}", "turns": turns}) + "\n")
        written.append(folder / f"{split}.jsonl")
        written[-1].write_text("".join(lines), encoding="utf-8")
    written.append(folder / "orders.csv")
    with written[-1].open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("user", "item", "time"), *orders(shop, _BUYERS)])
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python docs/catalogue/simulate.py FOLDER")
    for path in write_shop(Path(sys.argv[1])):
        print(path)
