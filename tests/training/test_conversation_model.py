"""Eq. 26-29 in numbers: the enhanced context, the loss on the reply alone, and what is written."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers
from torch.nn import functional

from training.models.conversation import Conversation, ReplyBatch
from training.models.mscrs import Batch, PromptSizes, SemanticGraphEncoder

ROWS, ENTITIES, SOFT, CONTEXT, WIDTH, DIMENSION = 3, 2, 2, 5, 16, 4
VOCABULARY, END = 40, 1


def llama() -> Any:
    config = transformers.LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    return transformers.LlamaForCausalLM(config)


def gpt2() -> Any:
    config = transformers.GPT2Config(vocab_size=VOCABULARY, n_embd=WIDTH, n_layer=2, n_head=2, n_positions=64)
    return transformers.GPT2LMHeadModel(config)


@pytest.fixture(params=[llama, gpt2])
def model(request: pytest.FixtureRequest) -> Conversation:
    """The conversation model around a random language model of either shape."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        causal = request.param()
        for weights in causal.parameters():
            weights.data.mul_(8)  # so that every token has its say
        encoder = SemanticGraphEncoder(7, 1, DIMENSION, 1, 1)
        return Conversation(encoder, PromptSizes(ROWS, ENTITIES, SOFT, CONTEXT, WIDTH, DIMENSION), causal).eval()


def batch(chats: list[list[int]], replies: list[list[int]], seed: int = 0) -> ReplyBatch:
    """Chats of some tokens, each with random states, one row of them masked."""
    drawn = torch.Generator().manual_seed(seed)
    count, read = len(chats), [chat + reply for chat, reply in zip(chats, replies, strict=True)]
    longest = max(map(len, read))
    mask = torch.ones(count, ROWS, dtype=torch.bool)
    mask[:, -1] = False
    return ReplyBatch(
        Batch(
            entities=torch.tensor([[2, -1]] * count),
            states=torch.randn(count, ROWS, CONTEXT, generator=drawn) * mask.unsqueeze(-1),
            state_mask=mask,
            tokens=torch.tensor([tokens + [0] * (longest - len(tokens)) for tokens in read]),
            lengths=torch.tensor([len(tokens) for tokens in read]),
            dialogues=torch.arange(count),
        ),
        neighbours=torch.randn(count, ROWS, CONTEXT, generator=drawn),
        starts=torch.tensor([len(chat) for chat in chats]),
    )


CHATS, REPLIES = [[5, 6, 7, 8], [9, 10]], [[11, END], [12, 13, 14, END]]
FINAL = torch.randn(7, DIMENSION, generator=torch.Generator().manual_seed(1))


def alone(whole: ReplyBatch, row: int) -> ReplyBatch:
    """One chat, without padding."""
    one = slice(row, row + 1)
    parts = {name: getattr(whole.chats, name)[one] for name in Batch.__dataclass_fields__}
    parts["tokens"] = parts["tokens"][:, : int(parts["lengths"][0])]
    return ReplyBatch(Batch(**parts), whole.neighbours[one], whole.starts[one])


def test_the_enhanced_context_is_the_mean_of_means(model: Conversation) -> None:
    """Eq. 26: ê = (T + T of the neighbours) / 2; Eq. 27: T̃ = (ê + T + Ṽ) / 2."""
    given = batch(CHATS, REPLIES)
    text = given.chats.states @ model.context_map.weight.T
    near = given.neighbours @ model.context_map.weight.T
    named = torch.stack([FINAL[2], torch.zeros(DIMENSION)])
    mapped = model.rows_map @ named @ model.width_map
    torch.testing.assert_close(model.enhanced(FINAL, given), ((text + near) / 2 + text + mapped) / 2)


def test_the_loss_is_of_the_replies_tokens_alone_and_padding_is_not_seen(model: Conversation) -> None:
    given = batch(CHATS, REPLIES)
    expected = torch.zeros(())
    for row, (chat, reply) in enumerate(zip(CHATS, REPLIES, strict=True)):
        one = alone(given, row)
        prompt = model.embedded(model.enhanced(FINAL, one), one.chats)
        logits = model.causal(inputs_embeds=prompt).logits[0].log_softmax(dim=-1)
        first = ROWS + SOFT + len(chat)
        expected = expected - sum(logits[first + place - 1, token] for place, token in enumerate(reply))
    torch.testing.assert_close(model(FINAL, given), expected / len(CHATS))


def test_it_learns_by_what_stands_in_front_and_the_language_model_stays(model: Conversation) -> None:
    before = {name: weights.clone() for name, weights in model.causal.state_dict().items()}
    final = FINAL.clone().requires_grad_()
    model(final, batch(CHATS, REPLIES)).backward()
    assert final.grad is not None
    assert final.grad[2].abs().sum() > 0
    assert final.grad[[0, 1, 3, 4, 5, 6]].abs().sum() == 0
    learning = {name for name, weights in model.named_parameters() if weights.grad is not None}
    assert learning == {"rows_map", "width_map", "context_map.weight", "soft_prompt"}
    assert all(torch.equal(weights, before[name]) for name, weights in model.causal.state_dict().items())
    assert not [name for name in model.state_dict() if name.startswith(("_causal", "_language"))]


def test_a_batch_writes_what_each_chat_writes_alone(model: Conversation) -> None:
    given = batch(CHATS, [[], []])
    options = {"max_new_tokens": 6, "do_sample": False, "pad_token_id": 0, "eos_token_id": END}
    together = model.write(FINAL, given, **options)
    for row in range(len(CHATS)):
        one = alone(given, row)
        prompt = model.embedded(model.enhanced(FINAL, one), one.chats)
        written: list[int] = []
        while len(written) < 6 and END not in written:  # by hand: the whole text read again for every token
            token = int(model.causal(inputs_embeds=prompt).logits[0, -1].argmax())
            written.append(token)
            prompt = torch.cat([prompt, model.causal.get_input_embeddings()(torch.tensor([[token]]))], dim=1)
        assert together[row, : len(written)].tolist() == written


def test_log_probabilities_are_of_the_whole_vocabulary(model: Conversation) -> None:
    given = batch([[5]], [[END]])
    one = model(FINAL, given)
    prompt = model.embedded(model.enhanced(FINAL, given), given.chats)[:, :-1]
    torch.testing.assert_close(
        one, functional.cross_entropy(model.causal(inputs_embeds=prompt).logits[:, -1], torch.tensor([END]))
    )
