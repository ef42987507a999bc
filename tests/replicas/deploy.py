"""Holds deploy/ against its schemas: the Kubernetes manifests against those of several versions of Kubernetes, and
everything else against what it refers to. Run by tests/replicas/run.sh; prints "N passed, M failed"."""

import json
import pathlib
import re
import sys

import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
VERSIONS = ["1.30", "1.33", "1.37"]
passed, failed = 0, 0


def check(what, work):
    global passed, failed
    try:
        work()
        passed += 1
    except Exception as fault:  # whatever is wrong is told
        failed += 1
        print(f"FAILED  {what}: {fault}")


def documents(path):
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


def metric_names():
    source = (ROOT / "search-server/src/telemetry.rs").read_text(encoding="utf-8")
    return set(re.findall(r'"(orgsearch_[a-z_]+)"', source))


def uses_known_metrics(text, known):
    used = set(re.findall(r"orgsearch_[a-z_]+", text)) - {"orgsearch_"}
    unknown = {name for name in used if re.sub(r"_(bucket|sum|count)$", "", name) not in known and name not in known}
    assert not unknown, f"there are no metrics {sorted(unknown)}"
    assert used, "no metric is used"


def settings():
    return set(re.findall(r"`(ORGSEARCH_[A-Z_]+)`", (ROOT / "docs/SETTINGS.md").read_text(encoding="utf-8")))


def uses_known_settings(text):
    ours = {"ORGSEARCH_STORE", "ORGSEARCH_FRONT", "ORGSEARCH_A", "ORGSEARCH_B", "ORGSEARCH_C", "ORGSEARCH_ADMIN_KEY"}
    unknown = set(re.findall(r"\bORGSEARCH_[A-Z_]+", text)) - settings() - ours
    assert not unknown, f"there are no settings {sorted(unknown)}"


for path in sorted(DEPLOY.glob("kubernetes/*.yaml")):
    for document in documents(path):
        name = f"{path.name} {document['kind']}"
        for version in VERSIONS:
            check(f"{name}, Kubernetes {version}", lambda: kubernetes_validate.validate(document, version, strict=True))
    check(path.name, lambda: uses_known_settings(path.read_text(encoding="utf-8")))

known = metric_names()
dashboard = (DEPLOY / "grafana/dashboard.json").read_text(encoding="utf-8")
check("dashboard.json", lambda: json.loads(dashboard))
check("metrics of dashboard.json", lambda: uses_known_metrics(dashboard, known))
alerts = (DEPLOY / "grafana/alerts.yaml").read_text(encoding="utf-8")
check("metrics of alerts.yaml", lambda: uses_known_metrics(re.sub(r"- name: orgsearch\n", "", alerts), known))
check("alerts.yaml", lambda: [rule["expr"] for group in yaml.safe_load(alerts)["groups"] for rule in group["rules"]])
compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
check("compose.yaml", lambda: yaml.safe_load(compose)["services"]["writer"]["image"])
check("settings of compose.yaml", lambda: uses_known_settings(compose))
hpa = next(one for one in documents(DEPLOY / "kubernetes/readers.yaml") if one["kind"] == "HorizontalPodAutoscaler")
check("metric of the autoscaler", lambda: uses_known_metrics(json.dumps(hpa["spec"]["metrics"]), known))

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
