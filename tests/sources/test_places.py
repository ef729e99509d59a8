"""Codes of provinces: one place, many codes, and never one taken for another."""

from __future__ import annotations

import csv
import re

import pytest

from darkdays.errors import InputError
from darkdays.sources import places
from darkdays.sources.places import BEFORE, SINCE, Code
from shared_data import SHARED, needs

CODES = SHARED / "reference/region_codes_ir_cu.csv"
needs_codes = needs(CODES, leaves_open="the codes of the regions of Iran and Cuba")


@pytest.mark.parametrize(
    ("code", "place"),
    [
        (Code("iso3166-2", "IR-15", BEFORE), "ir-kerman"),
        (Code("iso3166-2", "IR-15", SINCE), "ir-lorestan"),
        (Code("fips", "IR15"), "ir-khuzestan"),
        (Code("iso3166-2", "IR-06", BEFORE), "ir-bushehr"),
        (Code("iso3166-2", "IR-06", SINCE), "ir-khuzestan"),
        (Code("fips", "IR10"), "ir-ilam"),
        (Code("iso3166-2", "IR-10", BEFORE), "ir-khuzestan"),
        (Code("iso3166-2", "IR-10", SINCE), "ir-isfahan"),
        (Code("ioda-name", "Kordestan"), "ir-kurdistan"),
        (Code("fips", "CUMA"), "cu-mayabeque"),
    ],
)
def test_the_same_digits_mean_other_places(code, place):
    assert places.code_of(place, code.scheme, code.version) == code


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: places.code_of("ir-ilam", "iso3166-2"), "without it a code may mean another"),
        (lambda: places.code_of("ir-ilam", "iso"), "no scheme of codes is called 'iso'"),
        (lambda: places.code_of("ir-ilam", "fips", SINCE), "has no version '2020-11'"),
        (lambda: places.code_of("ir-alborz", "iso3166-2", BEFORE), "'ir-alborz' has no code in"),
        (lambda: places.code_of("nowhere", "fips"), "'nowhere' has no code in fips"),
    ],
)
def test_what_is_not_in_the_table_is_refused(ask, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        ask()


@pytest.mark.parametrize(
    ("country", "name", "place"),
    [
        ("IR", "Khuzestan", "ir-khuzestan"),
        ("IR", "Khūzestān Province", "ir-khuzestan"),
        ("IR", "kordestan", "ir-kurdistan"),
        ("IR", "Kohgiluyeh and Buyer Ahmad", "ir-kohgiluyeh-and-boyer-ahmad"),
        ("IR", "KOHGILUYEH AND BOYER-AHMAD", "ir-kohgiluyeh-and-boyer-ahmad"),
        ("CU", "Camagüey", "cu-camaguey"),
        ("CU", "Camaguey", "cu-camaguey"),
        ("CU", "Ciudad de la Habana", "cu-la-habana"),
        ("CU", "Khuzestan", ""),
        ("IR", "", ""),
        ("XX", "Anywhere", ""),
    ],
)
def test_names_are_found_in_any_spelling(country, name, place):
    assert places.find(country, name) == place


def test_no_spelling_means_two_places():
    for country in ("IR", "CU"):
        for place in places.places(country):
            name = places.code_of(place, "name").code
            assert places.find(country, name) == place
            for spelling in places.spellings(country, name):
                assert places.find(country, spelling) == place
    assert places.spellings("FR", "Île-de-France") == {"ile de france"}


def test_countries_are_known_as_they_were_written():
    assert places.country_of("Iran") == "IR"
    assert places.country_of("Ivory Coast (Cote d'Ivoire)") == "CI"
    assert places.country_of("Namibia") == "NA"
    assert places.country_of("Atlantis") == places.country_of("") == ""


@needs_codes
def test_the_table_holds_the_facts_and_no_others():
    columns = {
        ("iso3166-2", BEFORE): "iso3166_2_old_pycountry_19.8.18",
        ("iso3166-2", SINCE): "iso3166_2_current_pycountry_26.2.16",
        ("fips", ""): "geonames_fips_admin1",
    }
    with CODES.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        place = places.find(row["country"], row["name_en"])
        assert place, row["name_en"]
        for (scheme, version), column in columns.items():
            try:
                code = places.code_of(place, scheme, version).code
            except InputError:
                code = ""
            assert code == ("" if row[column].startswith("(") else row[column])
        if row["ioda_name_seen_in_curated_list"]:
            name = row["ioda_name_seen_in_curated_list"]
            assert places.code_of(place, "ioda-name") == Code("ioda-name", name)
    assert len(rows) == len(places.places("IR")) + len(places.places("CU"))
