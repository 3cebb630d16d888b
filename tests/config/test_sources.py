"""Where settings come from, which source wins, and that nothing written is passed over in silence."""

import msgspec
import pytest

from config.settings import HIDDEN, Settings
from config.sources import ALIASES, DEFAULTS, PREFIX, WITHOUT_EFFECT, Sources, read_dotenv, read_file
from config.units import ConfigError, Reader
from tests.config.keys import every_key, keys_of


def written(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(act):
    with pytest.raises(ConfigError) as refused:
        act()
    assert "\n" not in str(refused.value)
    return str(refused.value)


# default.toml


def test_the_defaults_file_decodes_to_exactly_the_defaults():
    assert Reader("default.toml", HIDDEN).struct(Settings, read_file(DEFAULTS), "") == Settings()
    assert Sources().settings == Settings()


def test_the_defaults_file_has_every_key_and_no_other():
    assert sorted(keys_of(read_file(DEFAULTS))) == sorted(every_key())


def test_every_key_of_the_defaults_file_is_commented():
    lines = [line for line in DEFAULTS.read_text().splitlines() if " = " in line and not line.startswith("#")]

    assert len(lines) == len(every_key())
    assert not [line for line in lines if " # " not in line]


# Files.


def test_toml_json_and_yaml_say_the_same(tmp_path):
    raw = read_file(DEFAULTS)
    raw["maker"]["strategy"]["spread"] = 0.06
    raw["limits"]["daily_loss"]["reset"] = "next_day"
    given = {
        "a.json": msgspec.json.encode(raw),
        "a.yaml": msgspec.yaml.encode(raw),
        "a.yml": msgspec.yaml.encode(raw),
        "a.toml": DEFAULTS.read_text()
        .replace("spread = 0.04", "spread = 0.06")
        .replace('"human"', '"next_day"'),
    }
    found = []
    for name, text in given.items():
        sources = Sources()
        sources.file(written(tmp_path / name, text))
        found.append(sources.settings)

    assert found[0] != Settings()
    assert all(settings == found[0] for settings in found)


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n"])
def test_an_empty_file_changes_nothing(tmp_path, text):
    for name in ("a.toml", "a.yaml"):
        sources = Sources()
        sources.file(written(tmp_path / name, text))
        assert sources.settings == Settings()


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        ("a.toml", "mode = 'sim'\n[sim\n", ":2", "Expected"),
        ("a.toml", "[sim]\nspeed = \n", ":2", "Invalid value"),
        ("a.toml", "[sim]\nspeed = 1\nspeed = 2\n", ":3", "overwrite"),
        ("a.json", '{\n "sim": {\n  "speed": }\n}', ":3", "malformed"),
        ("a.json", '{"sim": {"speed": NaN}}', ":1", "malformed"),
        ("a.json", "", "", "truncated"),
        ("a.json", "[" * 100_000, "", "recursion"),
        ("a.yaml", "sim:\n  speed: [1\nmaker: 2\n", ":3", "expected"),
        ("a.yaml", "sim:\n\tspeed: 1\n", ":2", "scanning"),
        ("a.toml", b"mode = '\xff'\n", "", "decode"),
    ],
)
def test_a_broken_file_is_one_line_that_names_it_and_the_line_where_known(tmp_path, name, text, line, reason):
    path = written(tmp_path / name, text)
    said = refusal(lambda: Sources().file(path))

    assert said.startswith(f"{path}{line}: ")
    assert reason.lower() in said.lower()


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("a.toml", "[sim]\nsped = 3\n", "sim.sped: unknown key, did you mean 'speed'?"),
        ("a.toml", "sim = 3\n", "sim: expected a section, got 3"),
        ("a.toml", "[sim]\nspeed = 0\n", "sim.speed: speed must be 1 to 1000"),
        ("a.toml", "[sim]\nfund = nan\n", "sim.fund: expected a number, got nan"),
        ("a.toml", "[feed]\nsilent_s = inf\n", "feed.silent_s: expected a number, got inf"),
        ("a.toml", "[gateway]\nread_s = -1\n", "gateway.read_s: -1 is no span"),
        ("a.toml", "[gateway.limits]\nmax_orders = 1\n", "gateway.limits: unknown key"),
        (
            "a.toml",
            "[maker.strategy]\nspread = 0.0400001\n",
            "maker.strategy.spread: 0.0400001 has more than six",
        ),
        ("a.toml", "[maker.strategy]\nsize = 10.001\n", "maker.strategy.size: size has at most two decimals"),
        (
            "a.toml",
            "[maker.strategy]\nname = 'magic'\n",
            "maker.strategy.name: 'magic' is none of fixed_spread",
        ),
        (
            "a.toml",
            "[feed.ranking]\nmin_price = 0.95\n",
            "feed.ranking.min_price: min_price and max_price are",
        ),
        (
            "a.json",
            '{"limits": {"daily_loss": {"reset": "never"}}}',
            "limits.daily_loss.reset: 'never' is none of",
        ),
        (
            "a.yaml",
            "maker:\n  enable_switching: 1\n",
            "maker.enable_switching: expected true or false, got 1",
        ),
        ("a.yaml", "- 1\n", "expected a section, got a list"),
        ("a.json", "3", "expected a section, got 3"),
        ("a.ini", "", "ends in '.ini', expected .toml, .json or .yaml"),
        ("a", "", "ends in '', expected .toml, .json or .yaml"),
    ],
)
def test_a_wrong_file_is_one_line_with_its_name_the_key_and_the_reason(tmp_path, name, text, key):
    path = written(tmp_path / name, text)

    assert refusal(lambda: Sources().file(path)).startswith(f"{path}: {key}")


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    missing, directory = tmp_path / "missing.toml", tmp_path / "a.toml"
    directory.mkdir()

    assert refusal(lambda: Sources().file(missing)) == f"{missing}: No such file or directory"
    assert refusal(lambda: Sources().file(directory)) == f"{directory}: Is a directory"


# Names of the environment.


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MM_SPREAD", "wide", "environment MM_SPREAD: maker.strategy.spread: expected a number, got 'wide'"),
        ("MM_SIZE", "-5", "environment MM_SIZE: maker.strategy.size: '-5' is below 0"),
        (
            "MM_SIZE",
            "0",
            "environment MM_SIZE: maker.strategy.size: spread, requote_threshold and size must be",
        ),
        (
            "EVERMAKER__SIM__SPEED",
            "0",
            "environment EVERMAKER__SIM__SPEED: sim.speed: speed must be 1 to 1000",
        ),
        (
            "EVERMAKER__SIM__SPED",
            "1",
            "environment EVERMAKER__SIM__SPED: sim.sped: unknown key, did you mean",
        ),
        ("EVERMAKER__SIM", "1", "environment EVERMAKER__SIM: sim: expected a section, got '1'"),
        ("EVERMAKER__", "1", "environment EVERMAKER__: unknown key"),
        ("EVERMAKER__NO__SUCH", "1", "environment EVERMAKER__NO__SUCH: no: unknown key"),
        ("EVERMAKER__MODE", "demo", "environment EVERMAKER__MODE: mode: 'demo' is none of sim, paper, live"),
        (
            "EVERMAKER__GATEWAY__DRY_RUN",
            "1",
            "environment EVERMAKER__GATEWAY__DRY_RUN: gateway.dry_run: unknown",
        ),
    ],
)
def test_a_wrong_name_or_value_of_the_environment_is_one_line_that_names_it(name, value, said):
    assert refusal(lambda: Sources().environment({name: value})).startswith(said)


def test_every_key_has_its_name_in_the_environment():
    for key in every_key():
        name = PREFIX + key.upper().replace(".", "__")
        value = read_file(DEFAULTS)
        for part in key.split("."):
            value = value[part]
        sources = Sources()
        sources.environment({name: str(value).lower() if isinstance(value, bool) else str(value)})
        assert sources.settings == Settings()
        assert sources.origins[key] == f"environment {name}"


def test_documented_names_set_keys_that_exist():
    assert set(ALIASES.values()) <= set(every_key())


def test_a_documented_name_without_a_value_sets_nothing():
    sources = Sources()
    sources.environment(dict.fromkeys([*ALIASES, *WITHOUT_EFFECT], ""))

    assert (sources.settings, sources.notes) == (Settings(), [])


@pytest.mark.parametrize("name", sorted(WITHOUT_EFFECT))
def test_a_documented_name_that_nothing_answers_to_is_said_in_one_line(name):
    sources = Sources()
    sources.environment({name: "1.0"})
    (note,) = sources.notes

    assert note.startswith(f"environment {name}: has no effect: ")
    assert sources.settings == Settings()


def test_a_misspelt_name_is_said_in_one_line_and_what_is_meant_too():
    sources = Sources()
    sources.environment({"MM_SPRED": "0.02", "HOME": "/root", "MMX": "1"})

    assert sources.notes == ["environment MM_SPRED: has no effect: unknown name, did you mean MM_SPREAD?"]


# Which source wins.


def test_each_source_outdoes_the_one_before(tmp_path):
    key, name, alias = "maker.strategy.spread", "EVERMAKER__MAKER__STRATEGY__SPREAD", "MM_SPREAD"
    sources = Sources()
    spreads = []

    def note():
        spreads.append((sources.settings.maker.strategy.spread, sources.origins[key]))

    note()
    sources.file(written(tmp_path / "a.toml", "[maker.strategy]\nspread = 0.05\n"))
    note()
    sources.dotenv(written(tmp_path / ".env", f"{name}=0.06\n"))
    note()
    sources.environment({alias: "0.07"})
    note()
    sources.flag("--spread", key, 0.08)
    note()

    assert spreads == [
        (40_000, str(DEFAULTS)),
        (50_000, str(tmp_path / "a.toml")),
        (60_000, f"{tmp_path / '.env'} {name}"),
        (70_000, f"environment {alias}"),
        (80_000, "command line --spread"),
    ]


def test_an_option_that_was_not_given_changes_nothing():
    sources = Sources()
    sources.flag("--speed", "sim.speed", None)

    assert sources.settings == Settings()


def test_a_wrong_option_names_itself():
    said = refusal(lambda: Sources().flag("--speed", "sim.speed", 0))

    assert said == "command line --speed: sim.speed: speed must be 1 to 1000"


def test_of_values_that_do_not_fit_together_the_chosen_one_is_blamed():
    sources = Sources()
    sources.environment({"MM_SIZE": "20"})

    assert sources.blamed(("sim.fund", "maker.strategy.size")) == (
        "environment MM_SIZE",
        "maker.strategy.size",
    )
    assert sources.blamed(("sim.fund", "sim.seed")) == (str(DEFAULTS), "sim.fund")


# .env


def test_a_dotenv_file_is_read_as_it_is_written(tmp_path):
    path = written(tmp_path / ".env", "# mine\n\nexport MM_SIZE=20\nA='x # y'\nB=${HOME}\nEMPTY=\n")

    assert read_dotenv(path) == {"MM_SIZE": "20", "A": "x # y", "B": "${HOME}", "EMPTY": ""}


def test_no_dotenv_file_is_no_error(tmp_path):
    assert read_dotenv(tmp_path / ".env") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MM_SIZE=20\nwhat is this\n", ":2: expected NAME=value"),
        ("MM_SIZE=20\nMM_SPREAD\n", ":2: expected NAME=value"),
        ("A='never closed\n", ":1: expected NAME=value"),
        (b"A=\xff\n", ": 'utf-8' codec can't decode"),
        ("MM_SIZE=many\n", " MM_SIZE: maker.strategy.size: expected a number, got 'many'"),
    ],
)
def test_a_wrong_dotenv_file_is_one_line(tmp_path, text, said):
    path = written(tmp_path / ".env", text)

    assert refusal(lambda: Sources().dotenv(path)).startswith(f"{path}{said}")


def test_a_dotenv_file_that_is_a_directory_is_one_line(tmp_path):
    assert refusal(lambda: Sources().dotenv(tmp_path)) == f"{tmp_path}: Is a directory"


def test_the_example_file_says_the_defaults_and_holds_no_secret():
    example = DEFAULTS.parent.parent / ".env.example"
    names = read_dotenv(example)
    sources = Sources()
    sources.dotenv(example)

    assert set(ALIASES) <= set(names)
    assert all(name in example.read_text() for name in ("MM_LOOP_INTERVAL", "MARKET_MAKING_STRATEGY_CAPITAL"))
    assert (sources.settings, sources.notes) == (Settings(), [])
    assert {value for name, value in names.items() if name.startswith("POLYMARKET_")} == {""}
