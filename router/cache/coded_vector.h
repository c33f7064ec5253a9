// Vectors with 8 bits a number and one scale, a quarter of float32's size: what an index walks by.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace troupe::cache {

// Codes, then the scale.
size_t CodedBytes(size_t width);
std::vector<char> Coded(std::span<const float> vector);

// What it was made of, as nearly as 8 bits say; empty where it is no coded vector.
std::vector<float> Decoded(std::span<const char> coded);

// The inner product of two coded vectors.
float CodedProduct(const char* left, const char* right, size_t width);

// The inner product of two vectors of one length, exactly enough to rank by.
double Product(std::span<const float> left, std::span<const float> right);

}  // namespace troupe::cache
