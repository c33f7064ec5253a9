#include "runtime/rpc/credentials.h"

#include <fstream>
#include <iterator>

namespace troupe::rpc {
namespace {
constexpr std::streamsize kMaxPemBytes = 1 << 20;

Result<std::string> ReadPem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxPemBytes, '\0');
  file.read(text.data(), kMaxPemBytes);
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.empty()) return FailedPrecondition("TLS: cannot read " + path + ", or it is empty");
  return text;
}

Error PlaintextRefused(const std::string& address) {
  return FailedPrecondition("address " + address +
                            ": plaintext is for unix sockets and loopback only; give TLS certificate and key");
}
}  // namespace

bool IsLocalAddress(const std::string& address) {
  for (const char* prefix : {"unix:", "unix-abstract:", "127.", "localhost:", "[::1]:", "ipv4:127.", "ipv6:[::1]:"}) {
    if (address.rfind(prefix, 0) == 0) return true;
  }
  return false;
}

Result<std::shared_ptr<grpc::ServerCredentials>> ServerCredentialsFor(const std::string& address,
                                                                      const std::optional<TlsFiles>& tls) {
  if (!tls || address.rfind("unix", 0) == 0) {
    if (!IsLocalAddress(address)) return PlaintextRefused(address);
    return grpc::InsecureServerCredentials();
  }
  grpc::SslServerCredentialsOptions options;
  TRY_ASSIGN(auto key, ReadPem(tls->key));
  TRY_ASSIGN(auto certificate, ReadPem(tls->certificate));
  options.pem_key_cert_pairs.push_back({std::move(key), std::move(certificate)});
  if (!tls->authority.empty()) {
    TRY_ASSIGN(options.pem_root_certs, ReadPem(tls->authority));
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(options);
}

Result<std::shared_ptr<grpc::ChannelCredentials>> ChannelCredentialsFor(const std::string& address,
                                                                        const std::optional<TlsFiles>& tls) {
  if (!tls || address.rfind("unix", 0) == 0) {
    if (!IsLocalAddress(address)) return PlaintextRefused(address);
    return grpc::InsecureChannelCredentials();
  }
  grpc::SslCredentialsOptions options;
  if (!tls->authority.empty()) {
    TRY_ASSIGN(options.pem_root_certs, ReadPem(tls->authority));
  }
  if (!tls->certificate.empty()) {
    TRY_ASSIGN(options.pem_cert_chain, ReadPem(tls->certificate));
    TRY_ASSIGN(options.pem_private_key, ReadPem(tls->key));
  }
  return grpc::SslCredentials(options);
}

}  // namespace troupe::rpc
