import pytest


@pytest.mark.parametrize(
    ("account", "seen"),
    [
        pytest.param("ops", 1, id="the owner"),
        pytest.param("guest-tenant", 0, id="somebody else"),
        pytest.param("admin", 1, id="the administrator"),
    ],
)
async def test_an_owner_is_told_to_those_who_see_the_vm(anonymous, node, account, seen):
    vm = node.world.vm("web-01")
    await anonymous.log_in(account)

    said = await anonymous.query("/accounts/resources/refs", f"resourceUuid={vm.uuid}")

    owners = [ref["ownerAccountUuid"] for ref in said["inventories"]]
    assert owners == [vm.owner_uuid] * seen
