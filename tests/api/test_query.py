import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.operation import OPERATIONS
from api.operations import QueryImage, QueryVmInstance
from api.query import Condition, Op, Query, where

QUERIES = {name: kind for name, kind in OPERATIONS.items() if issubclass(kind, Query)}
# The order in which ZStack looks for an operator anywhere in the text.
SEARCHED = ["!=", ">=", "<=", "!?=", "!~=", "~=", "?=", "=", ">", "<"]
WORDS = {"is null": Op.IS_NULL, "not null": Op.NOT_NULL}
ONE = [op for op in Op if op not in {Op.IN, Op.NOT_IN, *WORDS.values()}]
TOKEN = re.compile(r"\s*('(?:\\.|[^'\\])*'|[\w.]+|[!<>]?=|[<>(),])", re.DOTALL)

names = st.sampled_from(sorted({n for q in QUERIES.values() for n in q.names}))
values = st.text() | st.text("!<>=?~,' \\nulisot%")


@st.composite
def conditions(draw):
    op = draw(st.sampled_from(list(Op)))
    count = {Op.IN: (1, 3), Op.NOT_IN: (1, 3), Op.IS_NULL: (0, 0), Op.NOT_NULL: (0, 0)}
    low, high = count.get(op, (1, 1))
    many = draw(st.lists(values, min_size=low, max_size=high))
    return where(draw(names), *many, op=op)


def as_zstack_reads(text):
    """What ZStack makes of a `q`: the first operator it contains, wherever that is."""
    for sign in (*SEARCHED, *WORDS):
        if sign in text:
            name, _, value = text.partition(sign)
            break
    if sign in WORDS:
        return name.strip(), WORDS[sign], ()
    many = Op(sign) in {Op.IN, Op.NOT_IN}
    return name.strip(), Op(sign), tuple(value.split(",") if many else [value])


def as_zql_reads(text):
    """The tokens of a ZQL condition, literals as their values."""
    tokens, at = [], 0
    while found := TOKEN.match(text, at):
        word, at = found[1], found.end()
        literal = word.startswith("'")
        tokens.append(
            ("text", re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL))
            if literal
            else word
        )
    assert at == len(text)
    return tokens


@given(conditions())
def test_zstack_reads_every_condition_that_fits_as_it_was_meant(condition):
    assume(condition.fits_q)

    assert as_zstack_reads(condition.as_q()) == (
        condition.name,
        condition.op,
        condition.values,
    )


@given(conditions())
def test_a_literal_of_zql_is_read_as_the_value_it_was(condition):
    tokens = as_zql_reads(condition.as_zql())
    literals = tuple(token[1] for token in tokens if isinstance(token, tuple))

    assert tokens[0] == condition.name
    assert literals == condition.values


@given(conditions())
def test_what_does_not_fit_is_asked_in_zql(condition):
    kind = next(kind for kind in QUERIES.values() if condition.name in kind.names)

    assert kind(conditions=(condition,)).needs_zql is not condition.fits_q


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        pytest.param(where("name", "web-01"), True, id="plain"),
        pytest.param(where("name", ""), True, id="empty value"),
        pytest.param(where("name", " web "), True, id="space is kept"),
        pytest.param(where("name", "it's"), True, id="a quote"),
        pytest.param(where("name", "a,b"), True, id="a comma in one value"),
        pytest.param(where("name", "a>b"), True, id="a later operator"),
        pytest.param(where("name", "a>=b"), False, id="an earlier operator"),
        pytest.param(where("name", "=b"), False, id="its own operator first"),
        pytest.param(where("cpuNum", "=4", op=Op.GT), False, id="a joined operator"),
        pytest.param(where("uuid", "a", "b", op=Op.IN), True, id="several"),
        pytest.param(where("name", "a,b", "c", op=Op.IN), False, id="a comma in one"),
        pytest.param(where("a=b", "c"), False, id="an operator in the name"),
        pytest.param(where("hostUuid", op=Op.IS_NULL), True, id="null"),
        pytest.param(where("hostUuid", op=Op.NOT_NULL), True, id="not null"),
    ],
)
def test_a_condition_knows_whether_zstack_reads_it(condition, fits):
    assert condition.fits_q is fits


@pytest.mark.parametrize(
    ("condition", "zql"),
    [
        pytest.param(where("name", "a'b\\c"), r"name = 'a\'b\\c'", id="escapes"),
        pytest.param(
            where("uuid", "a", "b", op=Op.NOT_IN), "uuid not in ('a', 'b')", id="not in"
        ),
        pytest.param(where("uuid", "a", op=Op.IN), "uuid in ('a')", id="in"),
        pytest.param(where("name", "a%", op=Op.LIKE), "name like 'a%'", id="like"),
        pytest.param(
            where("name", "a%", op=Op.NOT_LIKE), "name not like 'a%'", id="not like"
        ),
        pytest.param(where("name", op=Op.IS_NULL), "name is null", id="null"),
        pytest.param(where("name", op=Op.NOT_NULL), "name is not null", id="not null"),
    ],
)
def test_a_condition_is_written_in_zql(condition, zql):
    assert condition.as_zql() == zql


@pytest.mark.parametrize(
    ("query", "zql"),
    [
        pytest.param(
            QueryImage(), "query image limit 100 offset 0", id="without conditions"
        ),
        pytest.param(
            QueryImage(
                conditions=(where("name", "a=b!=c"), where("state", "Enabled")),
                sort="-createDate",
                limit=7,
                start=14,
            ),
            "query image where name = 'a=b!=c' and state = 'Enabled'"
            " order by createDate desc limit 7 offset 14",
            id="with everything",
        ),
        pytest.param(
            QueryImage(sort="name"),
            "query image order by name asc limit 100 offset 0",
            id="ascending",
        ),
    ],
)
def test_a_question_is_written_in_zql(query, zql):
    assert query.as_zql() == zql


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"conditions": (where("owner", "me"),)}, id="condition"),
        pytest.param({"conditions": (where(" name", "me"),)}, id="space before"),
        pytest.param({"conditions": (where("name ", "me"),)}, id="space after"),
        pytest.param({"conditions": (where("", "me"),)}, id="empty name"),
        pytest.param({"conditions": (where("1=1 or name", "x"),)}, id="injection"),
        pytest.param({"sort": "name desc; delete"}, id="order"),
        pytest.param({"sort": "--name"}, id="two signs"),
        pytest.param({"sort": ""}, id="empty order"),
        pytest.param({"fields": ("name", "password")}, id="field"),
        pytest.param({"limit": 0}, id="no limit"),
        pytest.param({"limit": 1001}, id="more than a page"),
        pytest.param({"start": -1}, id="before the start"),
    ],
)
def test_only_what_is_declared_may_be_asked(values):
    with pytest.raises(ValidationError):
        QueryVmInstance(**values)


@pytest.mark.parametrize(
    ("op", "values"),
    [
        *(pytest.param(op, (), id=f"{op.name} of nothing") for op in ONE),
        *(pytest.param(op, ("a", "b"), id=f"{op.name} of two") for op in ONE),
        pytest.param(Op.IN, (), id="IN of nothing"),
        pytest.param(Op.NOT_IN, (), id="NOT_IN of nothing"),
        pytest.param(Op.IS_NULL, ("a",), id="IS_NULL of one"),
    ],
)
def test_an_operator_takes_the_values_it_can_have(op, values):
    with pytest.raises(ValidationError, match="does not take"):
        Condition(name="name", op=op, values=values)


def test_a_refused_condition_does_not_repeat_its_values():
    with pytest.raises(ValidationError) as caught:
        where("name", "hunter2", "hunter3")

    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_every_question_may_ask_for_scalars_only(query):
    assert not {"vmNics", "allVolumes", "vmCdRoms", "usedIps"} & query.names
    assert all(re.fullmatch(r"[\w.]+", name) for name in query.names)
