// A small graph for the tests of this folder: a message taken apart, each part answered, and checked.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "router/graph/parse.h"

namespace troupe::rehearsal {

inline constexpr char kShop[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: shop}
spec:
  input:
    message: {type: string, maxLength: 100}
  limits: {time: 60s}
  models:
    minilm: {path: minilm}
    smollm2: {path: smollm2.gguf}
  pools:
    cpu: {device: cpu}
    big: {gpu: [NVIDIA-H200]}
  agents:
    reader: {kind: embed, model: minilm, pool: cpu}
    writer: {kind: generate, model: smollm2, pool: big, maxTokens: 90, slots: 3, stop: ["x"]}
    judge: {kind: classify, model: minilm, pool: cpu, choices: [ok, bad]}
  steps:
    parts:
      decompose: {text: "{{ input.message }}", agent: reader, max: 4, skills: {late: [where is it], refund: [money back]}}
    handle:
      each: {part: "{{ steps.parts }}", max: 4, onError: keep}
      steps:
        draft: {agent: writer, retry: {max: 1}, input: {prompt: "{{ part.text }}"}}
        check: {agent: judge, input: {text: "{{ steps.draft.text }}"}}
      output: {answer: "{{ steps.draft.text }}", label: "{{ steps.check.label }}"}
  output: {answers: "{{ steps.handle }}"}
)";

inline graph::Parsed Shop() {
  graph::Parsed parsed = graph::ParseGraph({.yaml = kShop, .file_name = "shop.yaml"});
  EXPECT_TRUE(parsed.graph) << graph::ToString(parsed.findings);
  return parsed;
}

}  // namespace troupe::rehearsal
