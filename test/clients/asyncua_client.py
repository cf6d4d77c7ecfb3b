"""Talks to a Sezam server as an asyncua client does, and prints what it meets as lines of JSON.

Arguments: endpoint URL, user name, password, certificate and key as PEM, application URI. Ends with 0 once the alarm
that comes up after the line "listening" is acknowledged.
"""
import asyncio
import json
import logging
import sys

from asyncua import Client, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

TYPES = "urn:sezam:lockers"
WITHIN = 20


def tell(what, **data):
    print(json.dumps({"what": what, **data}), flush=True)


class Changes:
    def __init__(self):
        self.values = asyncio.Queue()
        self.events = asyncio.Queue()

    def datachange_notification(self, node, value, data):
        self.values.put_nowait(value)

    def event_notification(self, event):
        self.events.put_nowait(event)


async def wait_for(queue, expected):
    async with asyncio.timeout(WITHIN):
        while True:
            found = await queue.get()
            if expected(found):
                return found


async def child(node, *names):
    """Follows browse names, whatever namespace they are in."""
    for name in names:
        found = [each for each in await node.get_children() if (await each.read_browse_name()).Name == name]
        node = found[0]
    return node


async def main(url, user, password, certificate, key, uri):
    client = Client(url, timeout=WITHIN)
    client.application_uri = uri
    await client.set_security(
        SecurityPolicyBasic256Sha256, certificate, key, mode=ua.MessageSecurityMode.SignAndEncrypt
    )
    client.set_user(user)
    client.set_password(password)
    async with client:
        types = await client.get_namespace_index(TYPES)
        # What the server defines becomes classes of Python. For standard types there are some, as asyncua warns.
        logging.getLogger("asyncua").setLevel(logging.ERROR)
        classes = await client.load_data_type_definitions()
        logging.getLogger("asyncua").setLevel(logging.WARNING)
        tell("types", namespace=types, classes=sorted(name for name in classes))

        cabinet = await child(client.nodes.objects, "Sezam", "Cabinets", "A")
        children = [(await child.read_browse_name()).Name for child in await cabinet.get_children()]
        tell("browsed", node=cabinet.nodeid.to_string(), children=children)

        state = client.get_node("ns=1;s=cabinet/A/compartment/2/State")
        data = await state.read_data_value()
        tell("read", value=int(data.Value.Value), status=data.StatusCode.name)

        changes = Changes()
        subscription = await client.create_subscription(50, changes)
        await subscription.subscribe_data_change(client.get_node("ns=1;s=cabinet/A/compartment/1/State"))
        await wait_for(changes.values, lambda value: True)
        await subscription.subscribe_alarms_and_conditions(client.nodes.server, ua.ObjectIds.AlarmConditionType)

        result = await cabinet.call_method(
            client.get_node("ns=1;s=cabinet/A/Open").nodeid,
            ua.Variant(1, ua.VariantType.UInt16),
            ua.Variant("a parcel, says asyncua", ua.VariantType.String),
        )
        tell("called", result=result[0], text=result[1].Text)

        tell("listening")
        value = await wait_for(changes.values, lambda value: value == 1)
        tell("changed", value=int(value))
        event = await wait_for(changes.events, lambda event: getattr(event, "ConditionName", None) == "door-forced")
        tell(
            "alarm",
            source=event.SourceName,
            severity=event.Severity,
            message=event.Message.Text,
            condition=event.NodeId.to_string(),
        )
        condition = client.get_node(event.NodeId)
        await condition.call_method(
            ua.NodeId(ua.ObjectIds.AcknowledgeableConditionType_Acknowledge),
            ua.Variant(event.EventId, ua.VariantType.ByteString),
            ua.Variant(ua.LocalizedText("seen by asyncua", "en"), ua.VariantType.LocalizedText),
        )
        event = await wait_for(
            changes.events,
            lambda event: getattr(event, "ConditionName", None) == "door-forced"
            and getattr(event, "AckedState/Id", False),
        )
        tell("acknowledged", comment=event.Comment.Text)
        await subscription.delete()


asyncio.run(main(*sys.argv[1:]))
