"""The scorecard says what the tables say, whatever that is; and nothing where they are silent."""

from pathlib import Path

import pytest

from reproduce.report import scorecard


@pytest.fixture
def tables(tmp_path):
    """Writes tables, and gives the sentences that they make."""

    def write(**files: str) -> dict[str, scorecard.Sentence]:
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text)
        return {one.id: one for one in scorecard.sentences(scorecard.Tables(tmp_path))}

    return write


HEAD = "method,macs,macs_share,test_error_mean,n,train_mac_ratio,wall_ratio\n"
DENSE = "dense,100,1,1.0,3,1,1\n"


def test_what_is_asked_for_stands_beside_each_sentence(tables):
    asked = {id: one.bar for id, one in tables().items()}
    assert f"{scorecard.DECIDED:g} %" in asked["A3"] and f"{scorecard.REGRET:g} %" in asked["A5"]
    assert f"{scorecard.SLACK:g} times" in asked["A6"] and all(asked.values())


def test_without_tables_nothing_is_said(tables):
    assert all(one.verdict == "nothing here speaks of it" for one in tables().values())


def test_cost_is_borne_out_only_where_every_run_is_cheaper(tables):
    cheap = tables(lenet_5=f"{HEAD}{DENSE}ours,20,0.2,1.1,3,0.3,0.9\n")["A1"]
    assert cheap.verdict == "borne out" and "30 % of the dense" in cheap.findings[0].text
    slow = tables(lenet_5=f"{HEAD}{DENSE}ours,20,0.2,1.1,3,0.3,1.2\n")["A1"]
    assert slow.verdict == "partly"
    dear = tables(lenet_5=f"{HEAD}{DENSE}ours,20,0.2,1.1,3,1.3,\n")["A1"]
    assert dear.verdict == "not borne out"


def test_a_failed_claim_is_never_borne_out(tables):
    ledger = 'claim,supports,verdict\nH1,A2,proved\nH2,"A2, A4",{}\n'
    assert tables(claims=ledger.format("proved"))["A2"].verdict == "borne out"
    failed = tables(claims=ledger.format("failed: no"))["A2"]
    assert failed.verdict == "not borne out" and failed.failed == ("H2",)


def test_undecided_gates_count_against_convergence(tables):
    raw = "method,decided_before_freeze\ndense,\nours,{}\n"
    assert tables(vgg16_cifar10_runs=raw.format(0.995))["A3"].verdict == "borne out"
    assert tables(vgg16_cifar10_runs=raw.format(0.5))["A3"].verdict == "not borne out"


def test_robustness_needs_like_errors_like_sizes_and_a_reason(tables):
    raw = "test_error,macs\n1.0,100\n{}\n"
    alike = tables(robustness_lenet_5_runs=raw.format("1.1,110"))["A4"]
    assert alike.verdict == "borne out"
    assert tables(robustness_lenet_5_runs=raw.format("1.1,300"))["A4"].verdict == "not borne out"
    assert tables(robustness_lenet_5_runs=raw.format("3.0,110"))["A4"].verdict == "not borne out"
    ablation = "start,of,macs_cv\nflattening: all,x,2.0\nfixed prior: all,x,{}\n"
    raw = raw.format("1.1,110")
    same = tables(robustness_lenet_5_runs=raw, ablation=ablation.format("2.1"))["A4"]
    assert same.verdict == "partly"
    assert tables(ablation=ablation.format("9"))["A4"].verdict == "borne out"


def test_a_smaller_published_network_with_fewer_errors_counts_against_ours(tables):
    ours = f"{HEAD}{DENSE}ours,20,0.2,1.1,3,0.3,\n"
    assert tables(lenet_5=f"{ours}theirs,20,0.2,1.0,,,\n")["A6"].verdict == "not borne out"
    assert tables(lenet_5=f"{ours}theirs,40,0.4,1.0,,,\n")["A6"].verdict == "borne out"


def test_a_network_is_on_a_front_only_where_a_rival_was_trained(tables):
    head = HEAD.replace("\n", ",on_front\n")
    beside = f"{head}dense,100,1,1.0,1,1,,True\nours,20,0.2,1.1,1,0.3,,True\n"
    file, title = next(iter(scorecard.LONG.items()))
    alone = tables(**{file: beside})
    assert alone["A6"].findings == () and f"{title} trains for 30 %" in alone["A1"].findings[0].text
    (front,) = tables(**{file: f"{beside}scratch,20,0.2,1.2,1,0.2,,False\n"})["A6"].findings
    assert "1 of our 1" in front.text and front.supports


def test_the_first_numbers_are_the_best_and_the_smallest_of_ours(tables, tmp_path):
    tables(lenet_5=f"{HEAD}{DENSE}ours a,20,0.2,1.1,3,0.3,\nours b,10,0.1,1.4,3,0.2,\n")
    _, ((network, *numbers),) = scorecard.headline(scorecard.Tables(Path(tmp_path)))
    assert network == "LeNet-5"
    assert numbers == ["1.00", "1.10", "20.0", "0.30", "10.0", "1.40"]


def test_on_few_images_the_hyper_prior_must_decide_more_gates_and_err_less(tables):
    rows = 'label,images,undecided,error\n"flattening, N = 500",500,{},{}\n'
    rows += '"fixed prior, N = 500",500,90,14\n'
    borne_out = tables(priors_small_data=rows.format(10, 12))["A4"]
    assert borne_out.verdict == "borne out"
    assert "leaves 10 % of the gates undecided and a fixed prior 90 %" in borne_out.findings[0].text
    assert tables(priors_small_data=rows.format(80, 12))["A4"].verdict == "not borne out"
    assert tables(priors_small_data=rows.format(10, 15))["A4"].verdict == "not borne out"
