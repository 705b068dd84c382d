"""The alerts and the configuration of Prometheus and Alertmanager, checked by promtool and by the generated file."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
CASES = Path(__file__).parent / "alerts_test.yml"
ENTRYPOINT = ROOT / "deploy" / "alertmanager" / "entrypoint.sh"
OF_THE_ISSUE = {
    *("HighCpu", "HighMemory", "LowCacheHitRate", "HighErrorRate", "SlowResponses"),
    *("TargetDown", "RedisDown", "ImportFailed", "CertificateExpiring", "DiskFilling"),
    *("ProbeFails", "AppRestarts"),
}
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on PATH")


def promtool(*arguments):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def rules():
    [group] = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


@needs_promtool
def test_the_configuration_and_the_rules_are_valid():
    done = promtool("check", "config", "--lint=all", "--lint-fatal", PROMETHEUS / "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 rules found" in done.stdout


@needs_promtool
def test_each_alert_fires_when_it_should_and_only_then():
    done = promtool("test", "rules", CASES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


@needs_promtool
def test_those_cases_can_fail(tmp_path):
    """A threshold that is moved, a time that is cut: the cases notice."""
    text = (PROMETHEUS / "alerts.yml").read_text()
    cases = CASES.read_text().replace("../../deploy/prometheus/alerts.yml", "alerts.yml")
    (tmp_path / "cases.yml").write_text(cases)
    for old, new in (("> 0.8\n", "> 0.95\n"), ("for: 10m", "for: 1m")):
        assert text.count(old) == 1
        (tmp_path / "alerts.yml").write_text(text.replace(old, new))
        assert promtool("test", "rules", tmp_path / "cases.yml").returncode == 1, new


def test_every_alert_of_the_issue_is_there_with_a_case_for_and_against(rules):
    assert set(rules) == OF_THE_ISSUE
    cases = CASES.read_text()
    for name, rule in rules.items():
        assert f'alertname="{name}"' in cases, f"no case in which {name} fires"
        assert re.search(rf"name: {name}\b", cases)
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["for"]


def test_each_alert_says_what_to_do(rules):
    guide = (ROOT / "deploy" / "README.md").read_text()
    assert re.search(r"^#+ Alerts$", guide, re.M)
    for name, rule in rules.items():
        assert len(rule["annotations"]["summary"]) > 20
        remedy, _, where = rule["annotations"]["runbook"].rpartition(" ")
        assert len(remedy) > 40
        assert where == "deploy/README.md#alerts"
        assert re.search(rf"^\| `?{name}`? \|", guide, re.M), f"deploy/README.md does not tell of {name}"


def test_the_times_of_the_issue(rules):
    told = {"HighCpu": ("0.8", "5m"), "HighMemory": ("0.9", "2m"), "LowCacheHitRate": ("0.5", "10m")}
    told |= {"HighErrorRate": ("0.05", "1m"), "SlowResponses": ("30", "3m")}
    for name, (limit, time) in told.items():
        assert re.search(rf"[<>] {limit}\b", rules[name]["expr"])
        assert rules[name]["for"] == time


def test_only_metrics_that_exist_are_asked_for(rules):
    """Those of the app by its own names; others by the names that their exporters give (tests/deploy/exporters.txt)."""
    from prometheus_client.parser import text_string_to_metric_families

    theirs = (Path(__file__).parent / "exporters.txt").read_text()
    known = {sample.name for family in text_string_to_metric_families(theirs) for sample in family.samples}
    for rule in rules.values():
        for name in re.findall(r"\b(?:node|container|redis|traefik)_\w+", rule["expr"]):
            assert name in known, name


# --- Alertmanager ----------------------------------------------------------------------------------------------------


def written(**environment):
    done = subprocess.run(
        ["sh", ENTRYPOINT, "print"],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    return done.returncode, done.stdout, done.stderr


def test_by_email_and_to_a_webhook(tmp_path):
    password = tmp_path / "password"
    password.write_text("secret")
    code, text, _ = written(
        ALERT_EMAIL_TO="o'neil@lab.example.org",
        ALERT_EMAIL_FROM="atlas@lab.example.org",
        ALERT_SMTP_HOST="smtp.example.org:587",
        ALERT_SMTP_USER="atlas: #1",
        ALERT_SMTP_PASSWORD_FILE=str(password),
        ALERT_WEBHOOK_URL="https://chat.example.org/hook?a=b&c",
    )
    assert code == 0
    made = yaml.safe_load(text)
    [receiver] = made["receivers"]
    [email] = receiver["email_configs"]
    assert email == {
        "to": "o'neil@lab.example.org",
        "from": "atlas@lab.example.org",
        "smarthost": "smtp.example.org:587",
        "auth_username": "atlas: #1",
        "auth_password_file": str(password),
        "send_resolved": True,
    }
    assert receiver["webhook_configs"] == [{"url": "https://chat.example.org/hook?a=b&c", "send_resolved": True}]
    assert "secret" not in text
    assert made["route"]["receiver"] == receiver["name"]
    assert {route["receiver"] for route in made["route"]["routes"]} == {receiver["name"]}


def test_to_nobody_is_said():
    code, text, errors = written()
    assert code == 0
    assert yaml.safe_load(text)["receivers"] == [{"name": "operators"}]
    assert "sent to nobody" in errors


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"ALERT_EMAIL_TO": "a@b.org"}, "must be a host and a port"),
        ({"ALERT_EMAIL_TO": "a@b.org", "ALERT_SMTP_HOST": "smtp.example.org"}, "must be a host and a port"),
        (
            {"ALERT_EMAIL_TO": "a@b.org", "ALERT_SMTP_HOST": "s:25", "ALERT_SMTP_USER": "a",
             "ALERT_SMTP_PASSWORD_FILE": "/nowhere"},
            "holds no password",
        ),
        ({"ALERT_WEBHOOK_URL": "ftp://x"}, "no address that begins with https://"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_in_a_sentence(environment, words):
    code, text, errors = written(**environment)
    assert (code, text) == (2, "")
    assert words in errors
    assert len(errors.strip().splitlines()) == 1


def test_inhibitions_name_alerts_that_exist(rules):
    _, text, _ = written()
    for rule in yaml.safe_load(text)["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            name, names = re.fullmatch(r'(\w+) =~? "(.*)"', matcher).groups()
            if name == "alertname":
                assert set(names.split("|")) <= set(rules)


needs_amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not on PATH")


@needs_amtool
def test_alertmanager_itself_takes_it(tmp_path):
    _, text, _ = written(ALERT_EMAIL_TO="a@b.org", ALERT_SMTP_HOST="s:25", ALERT_WEBHOOK_URL="https://x.org/y")
    (tmp_path / "alertmanager.yml").write_text(text)
    command = ["amtool", "check-config", tmp_path / "alertmanager.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
