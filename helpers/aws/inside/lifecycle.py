"""Lifecycle rules of ECR: checked, and previewed by the rules of its user guide.

"Lifecycle policies" in the Amazon ECR user guide says how they are evaluated: all rules at once,
by priority; an image that a rule of higher priority matched is left to it; ``sinceImagePushed``
counts days since the push, ``imageCountMoreThan`` keeps the newest. ECR expires images within a day
of their rule; locally only the preview tells which those would be.
"""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, json_response
from ministack.services import ecr

__all__ = ["checked", "expiring", "get_preview", "size", "start_preview"]

DAY = 86400
_texts: dict[str, str] = {}  # repository → the policy of its last preview


def size(repository: str, digest: str) -> int:
    """Return the bytes of an image's config and layers as they are stored, compressed."""
    raw = ecr._manifest_blobs.get(repository, {}).get(digest)
    if raw is None:
        return 0
    manifest = json.loads(raw)
    parts = [manifest.get("config") or {}, *(manifest.get("layers") or [])]
    children = sum(size(repository, child["digest"]) for child in manifest.get("manifests") or [])
    return children + sum(part.get("size", 0) for part in parts)


def checked(original: Any) -> Any:
    """Refuse a policy that ECR would refuse."""

    def put(data: dict) -> Any:
        if reason := _wrong(data.get("lifecyclePolicyText", "")):
            return _invalid(reason)
        return original(data)

    return put


def start_preview(data: dict) -> Any:
    """Answer ``StartLifecyclePolicyPreview``."""
    name = data.get("repositoryName", "")
    if missing := _missing(name):
        return missing
    text = data.get("lifecyclePolicyText") or ecr._lifecycle_policies.get(name)
    if isinstance(text, dict):
        text = text.get("lifecyclePolicyText")
    if not text:
        return error_response_json(
            "LifecyclePolicyNotFoundException",
            f"Lifecycle policy does not exist for the repository with name '{name}' in the "
            f"registry with id '{get_account_id()}'", 400,
        )  # fmt: skip
    if reason := _wrong(text):
        return _invalid(reason)
    _texts[name] = text
    return json_response(_head(name, "IN_PROGRESS"))


def get_preview(data: dict) -> Any:
    """Answer ``GetLifecyclePolicyPreview``."""
    name = data.get("repositoryName", "")
    if missing := _missing(name):
        return missing
    if name not in _texts:
        return error_response_json(
            "LifecyclePolicyPreviewNotFoundException",
            f"There is no dry run for this repository: '{name}'", 400,
        )  # fmt: skip
    rows = expiring(json.loads(_texts[name])["rules"], ecr._images.get(name, []), time.time())
    results = [
        {"imageDigest": image["imageDigest"], "imageTags": image.get("imageTags", []),
         "imagePushedAt": image["imagePushedAt"], "action": {"type": "EXPIRE"},
         "appliedRulePriority": priority}
        for image, priority in rows
    ]  # fmt: skip
    head = _head(name, "COMPLETE")
    return json_response(
        {**head, "previewResults": results, "summary": {"expiringImageTotalCount": len(results)}}
    )


def expiring(rules: list[dict], images: list[dict], now: float) -> list[tuple[dict, int]]:
    """Return the images that would expire, each with the priority of the rule that says so."""
    left = list(images)
    found = []
    for rule in sorted(rules, key=lambda one: one["rulePriority"]):
        selection = rule["selection"]
        matched = [image for image in left if _selected(image, selection)]
        left = [image for image in left if image not in matched]
        # times are whole seconds; of two in one second, the later push stands later in the list
        newest = sorted(reversed(matched), key=lambda image: image["imagePushedAt"], reverse=True)
        if selection["countType"] == "imageCountMoreThan":
            gone = newest[selection["countNumber"] :]
        else:
            edge = now - selection["countNumber"] * DAY
            gone = [image for image in newest if image["imagePushedAt"] < edge]
        found += [(image, rule["rulePriority"]) for image in gone]
    return found


def _selected(image: dict, selection: dict) -> bool:
    tags = image.get("imageTags") or []
    status = selection["tagStatus"]
    if status == "untagged":
        return not tags
    if status == "any":
        return True
    prefixes = selection.get("tagPrefixList") or []
    # "only the images with all specified tags are selected"
    return bool(tags) and all(any(tag.startswith(p) for tag in tags) for p in prefixes)


def _wrong(text: str) -> str | None:
    """Return what is wrong with a policy, in short; None if nothing is."""
    try:
        rules = json.loads(text)["rules"]
    except (ValueError, KeyError, TypeError):
        return "the policy is no JSON document with 'rules'"
    seen = set()
    for rule in rules:
        selection = rule.get("selection") or {}
        priority = rule.get("rulePriority")
        if not isinstance(priority, int) or priority < 1 or priority in seen:
            return "each rule needs a 'rulePriority' of its own, 1 or more"
        seen.add(priority)
        if selection.get("tagStatus") not in ("tagged", "untagged", "any"):
            return "'tagStatus' must be tagged, untagged or any"
        if selection["tagStatus"] == "tagged" and not selection.get("tagPrefixList"):
            return "'tagPrefixList' is needed with tagStatus tagged"
        if selection.get("countType") not in ("imageCountMoreThan", "sinceImagePushed"):
            return "'countType' must be imageCountMoreThan or sinceImagePushed"
        if selection["countType"] == "sinceImagePushed" and selection.get("countUnit") != "days":
            return "'countUnit' must be days with countType sinceImagePushed"
        if not isinstance(selection.get("countNumber"), int) or selection["countNumber"] < 1:
            return "'countNumber' must be a positive whole number"
        if (rule.get("action") or {}).get("type") != "expire":
            return "'action' must be of type expire"
    anyone = [r["rulePriority"] for r in rules if r["selection"]["tagStatus"] == "any"]
    if anyone and max(anyone) < max(seen):
        return "a rule with tagStatus any must have the highest 'rulePriority'"
    return None


def _invalid(reason: str) -> Any:
    return error_response_json(
        "InvalidParameterException",
        f"Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: '{reason}'", 400,
    )  # fmt: skip


def _missing(name: str) -> Any:
    if name in ecr._repositories:
        return None
    return error_response_json(
        "RepositoryNotFoundException",
        f"The repository with name '{name}' does not exist in the registry with id "
        f"'{get_account_id()}'", 400,
    )  # fmt: skip


def _head(name: str, status: str) -> dict:
    return {"registryId": get_account_id(), "repositoryName": name, "status": status,
            "lifecyclePolicyText": _texts[name]}  # fmt: skip
