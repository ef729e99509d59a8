"""The SQL for BigQuery, parsed in its dialect and held against the schema of M-Lab's views."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlglot
from sqlglot import exp

from darkdays.sources.mlab import mlab_bigquery
from darkdays.sources.query import Query

# Of measurement-lab.ndt.unified_downloads and unified_uploads, as
# https://www.measurementlab.net/tests/ndt/#unified-views and m-lab/etl-schema list them.
SCHEMA = {
    "id": "STRING",
    "date": "DATE",
    "a": {
        "UUID": "STRING", "TestTime": "TIMESTAMP", "CongestionControl": "STRING",
        "MeanThroughputMbps": "FLOAT64", "MinRTT": "FLOAT64", "LossRate": "FLOAT64",
    },
    "client": {
        "IP": "STRING",
        "Port": "INT64",
        "Geo": {
            "ContinentCode": "STRING", "CountryCode": "STRING", "CountryCode3": "STRING",
            "CountryName": "STRING", "Region": "STRING", "Subdivision1ISOCode": "STRING",
            "Subdivision1Name": "STRING", "Subdivision2ISOCode": "STRING",
            "Subdivision2Name": "STRING", "MetroCode": "INT64", "City": "STRING",
            "AreaCode": "INT64", "PostalCode": "STRING", "Latitude": "FLOAT64",
            "Longitude": "FLOAT64", "AccuracyRadiusKm": "INT64", "Missing": "BOOL",
        },
        "Network": {
            "CIDR": "STRING", "ASNumber": "INT64", "ASName": "STRING", "Missing": "BOOL",
        },
    },
}  # fmt: skip
VIEWS = {"measurement-lab.ndt.unified_downloads", "measurement-lab.ndt.unified_uploads"}


def fields(schema, above=""):
    for name, kind in schema.items():
        path = f"{above}{name}"
        if isinstance(kind, dict):
            yield from fields(kind, f"{path}.")
        else:
            yield path


def unknown(sql):
    """What a question names that neither the schema nor the question itself has."""
    (tree,) = sqlglot.parse(sql, dialect="bigquery", error_level=sqlglot.ErrorLevel.RAISE)
    made = {one.alias for one in tree.expressions}
    named = {one.sql(dialect="bigquery").replace("`", "") for one in tree.find_all(exp.Column)}
    tables = {one.sql(dialect="bigquery").replace("`", "") for one in tree.find_all(exp.Table)}
    return {one for one in named - set(fields(SCHEMA)) if one not in made} | (tables - VIEWS)


def question(kind, direction="download"):
    window = (pd.Timestamp("2021-07-01", tz="UTC"), pd.Timestamp("2021-08-01", tz="UTC"))
    asked = Query("mlab.download", *window, "IR", options={"direction": direction})
    return mlab_bigquery.sql(asked, kind)


@pytest.mark.parametrize("kind", ["country", "region", "asn"])
@pytest.mark.parametrize("direction", ["download", "upload"])
def test_the_question_is_googlesql_about_columns_there_are(kind, direction):
    sql = question(kind, direction)
    assert unknown(sql) == set()
    (tree,) = sqlglot.parse(sql, dialect="bigquery")
    outputs = tuple(one.alias_or_name for one in tree.expressions)
    assert outputs == mlab_bigquery.COLUMNS
    # Only the window is billed: the partition is compared with two constants.
    where = tree.args["where"].sql(dialect="bigquery")
    assert "date >= '2021-07-01'" in where
    assert "date < '2021-08-01'" in where


def test_a_column_that_is_not_there_is_found():
    assert unknown(question("asn").replace("ASNumber", "ASN")) == {"client.Network.ASN"}
    assert unknown(question("asn").replace("unified_downloads", "downloads"))
    with pytest.raises(sqlglot.errors.ParseError):
        unknown(question("asn").replace("GROUP BY", "GROUP"))
