// Calls any method of a service with any bytes: what arrives need not be what the contract says. Also turns bytes into
// the message that a method takes, to change it by its fields.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/fuzz/mutate.h"

namespace troupe::fuzz {

using Method = const google::protobuf::MethodDescriptor*;

// Those of the services with these full names, in the order of the contract.
std::vector<Method> MethodsOf(const std::vector<std::string>& services);

// The request of that method, if `bytes` are one; else null.
std::unique_ptr<google::protobuf::Message> ParseRequest(Method method, const std::string& bytes);

// Inputs of fuzzers: the first byte says which of `methods`, the rest is its request. `input` is not empty.
Method MethodOf(const std::string& input, const std::vector<Method>& methods);

// Changes such an input: now and then the method, else its request by its fields, as MutateMessage does.
void ChangeRequest(std::string& input, const std::vector<Method>& methods, std::span<const std::string> words,
                   Random& random);

// Sends the bytes (twice where the method takes a stream), reads up to some answers, gives the call up after a while.
// `answer`, where given, gets the bytes of the last answer.
grpc::Status CallAny(grpc::Channel& channel, Method method, const std::string& bytes, std::string* answer = nullptr);

// "troupe.v1.TaskService.Submit: UNKNOWN ..." for a status that no handler of ours may end with; else empty. One of a
// request that is none, by gRPC itself, may.
std::string WhatIsWrong(Method method, const grpc::Status& status, bool is_request);

}  // namespace troupe::fuzz
