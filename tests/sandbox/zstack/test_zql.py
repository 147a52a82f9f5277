import pytest


async def zql(client, text):
    reply = await client.send("GET", "/zql", params={"zql": text})
    assert reply.status_code == 200, reply.text
    return reply.json()["results"]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        pytest.param("name = 'a>=b'", ["a>=b"], id="operator in the value"),
        pytest.param("name='web-01' or name='web-02'", ["web-01", "web-02"], id="or"),
        pytest.param(
            "(name='web-01' or name='web-02') and description is null",
            ["web-02"],
            id="parentheses",
        ),
        pytest.param("name in ('web-01', 'db-01')", ["db-01", "web-01"], id="in"),
        pytest.param(
            "name like 'web-%' and name not in ('web-01')",
            ["Web-03", "web-02"],
            id="not in",
        ),
        pytest.param(
            "name like '%b-02' and name not like 'd%'", ["web-02"], id="not like"
        ),
        pytest.param("internalId < 3 and internalId != 1", ["web-02"], id="number"),
        pytest.param("name='web-01' and vmNics.ip != null", ["web-01"], id="null"),
        pytest.param("name='web-01' and hostUuid = null", [], id="equals null"),
        pytest.param(
            "description is not null and name='web-01'", ["web-01"], id="not null"
        ),
        pytest.param(r"description = 'Rock & roll = \'loud\''", None, id="escape"),
        pytest.param("rootVolume.isShareable = true", [], id="boolean"),
    ],
)
async def test_where_selects(ops, where, names):
    (result,) = await zql(ops, f"query vminstance where {where}")

    found = sorted(vm["name"] for vm in result["inventories"])
    assert found == (["<b>*x*</b> & <!channel>"] if names is None else names)


async def test_clauses_page_sort_and_count(ops):
    (result,) = await zql(
        ops,
        "query VmInstance.name,uuid where name like 'legacy-%' return with (total)"
        " order by name desc limit 2 offset 1 named as 'page'",
    )

    assert [sorted(vm) for vm in result["inventories"]] == [["name", "uuid"]] * 2
    assert [vm["name"] for vm in result["inventories"]] == ["legacy-05", "legacy-04"]
    assert (result["total"], result["name"]) == (6, "page")


async def test_statements_are_separated_outside_strings(ops):
    results = await zql(
        ops,
        "query vminstance where name='a;b'; count zone; query host order by name asc",
    )

    assert [result.get("total") for result in results] == [None, 3, None]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("drop vminstance", id="verb"),
        pytest.param("query nothing", id="entity"),
        pytest.param("query vminstance where nosuch='x'", id="field"),
        pytest.param("query vminstance where name ~ 'x'", id="sign"),
        pytest.param("query vminstance where name =", id="no value"),
        pytest.param("query vminstance where name = 'open", id="open string"),
        pytest.param("query vminstance order by nosuch", id="sort"),
    ],
)
async def test_what_is_no_zql_is_refused(ops, text):
    reply = await ops.send("GET", "/zql", params={"zql": text})

    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "SYS.1007"
