"""A made-up corpus of a few writers with a plain vocabulary, so that a model learns it in a second."""

from __future__ import annotations

from itertools import product

from signals.tagging.corpus import Corpus, Row, Split, Writer

_CUSTOMER = {
    "rate_cut": ["利率再降一点吧", "利息还能往下走走吗", "别家给的利率更低", "利率能不能优惠"],
    "approval_time": ["多久能批下来", "钱哪天到账", "审批要几天", "什么时候能放款"],
    "early_repayment": ["能提前还款吗", "提前结清收不收违约金", "中途还掉一部分行不行"],
    "objection": ["我们不需要", "还是算了吧", "换银行太麻烦了"],
    "": ["今天天气不错", "你先坐", "我们厂去年搬的", "嗯嗯", "路上堵车吗", "孩子上大学了"],
}
_MANAGER = {
    "q_open": ["您怎么看这个安排", "您这边资金怎么周转"],
    "q_closed": ["您是六月用款对吗", "有没有别的贷款"],
    "close_direct": ["那我们下周签合同吧", "今天就把申请填了吧"],
    "": ["这个产品期限三年", "我行在本市有十家网点", "资料我带来了"],
}
_AROUND = ["{}", "那个{}", "王经理{}", "{}啊", "我问一下{}", "{}你说呢"]
_SAID_BEFORE = {"rate_cut": "利率是三点五", "approval_time": "材料齐了就报上去"}
_WRITERS = {"customer": ["c01", "c02", "c03", "c04", "c05", "c06"], "manager": ["m01", "m02", "m03", "m04"]}
_SPLITS: dict[str, Split] = {
    "c04": "validation",
    "c05": "validation",
    "c06": "test",
    "m03": "validation",
    "m04": "test",
}
"""The others are for training."""


def tiny_corpus() -> Corpus:
    """Each writer says everything in an own way; of each role some are for validation and the last is for testing."""
    rows = []
    for role, labels in (("customer", _CUSTOMER), ("manager", _MANAGER)):
        for k, writer in enumerate(_WRITERS[role]):
            said = [(label, text) for label, texts in labels.items() for text in texts]
            for n, ((label, text), around) in enumerate(product(said, _AROUND[k : k + 1] + _AROUND[:1]), 1):
                rows.append(
                    Row(
                        id=f"{writer}-{n:04d}",
                        writer=writer,
                        role="customer" if role == "customer" else "manager",
                        kind="spoken",
                        text=around.format(text),
                        labels=(label,) if label else (),
                        previous=_SAID_BEFORE.get(label, ""),
                    )
                )
    writers = tuple(
        Writer(id=w, voice="plain", how="made up", split=_SPLITS.get(w, "train"))
        for names in _WRITERS.values()
        for w in names
    )
    return Corpus(writers=writers, rows=tuple(rows))
