"""python client.py ADDRESS QUERY"""

import sys

from orgsearch_client import Client
from orgsearch_client.api.organizations import children, org, transfer_guide
from orgsearch_client.api.search import search
from orgsearch_client.models import Problem


def answered(answer):
    """The answer, if it is not a problem document."""
    if isinstance(answer, Problem):
        raise RuntimeError(f"{answer.code}: {answer.detail}")
    return answer


def refusal(client, org_id, name):
    """Why a submitted organization is not taken; None if it is."""
    found = org.sync(org_id, client=client)
    if isinstance(found, Problem):
        return found.code
    if found.status != "active":
        return "not_active"
    return None if found.name == name else "name_differs"


def all_children(client, org_id):
    """All organizations directly below one, page by page."""
    page = answered(children.sync(org_id, client=client, limit=20))
    yield from page.children
    while page.next_cursor:
        page = answered(children.sync(org_id, client=client, limit=20, cursor=page.next_cursor))
        yield from page.children


def main(address, query):
    with Client(base_url=address) as client:
        hits = answered(search.sync(client=client, q=query, limit=1)).hits
        if not hits:
            raise RuntimeError("nothing found")
        hit = hits[0]
        print("found", hit.id, hit.name)

        found = answered(org.sync(hit.id, client=client))
        print("organization", found.status, found.children_count)
        print("children", len(list(all_children(client, hit.id))))
        guide = answered(transfer_guide.sync(hit.id, client=client, from_="zhtj"))
        print("guide", guide.paste, len(guide.steps))

        print("submitted", refusal(client, hit.id, hit.name) or "accepted")
        print("submitted", refusal(client, hit.id, "another name") or "accepted")
        print("submitted", refusal(client, "no-such-id", hit.name) or "accepted")


main(*sys.argv[1:])
