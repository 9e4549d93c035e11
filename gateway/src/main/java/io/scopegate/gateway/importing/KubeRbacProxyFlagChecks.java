package io.scopegate.gateway.importing;

import io.scopegate.config.HostPort;

/** What is wrong about a kube-rbac-proxy's flags, whatever its file says. */
final class KubeRbacProxyFlagChecks {
  private KubeRbacProxyFlagChecks() {}

  /**
   * Looks at the flags alone.
   *
   * @throws IllegalArgumentException when they cannot be served
   */
  static void check(KubeRbacProxyFlags flags) {
    String upstream = flags.text("upstream");
    try {
      boolean tls = KubeRbacProxyDraft.Target.parse(upstream).url().tls();
      if (tls && flags.isOn("upstream-force-h2c")) {
        throw new IllegalArgumentException("https (expected: http with --upstream-force-h2c)");
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--upstream: " + e.getMessage(), e);
    }
    String secure = flags.text("secure-listen-address");
    String insecure = flags.text("insecure-listen-address");
    if (secure.isEmpty() && insecure.isEmpty()) {
      throw new IllegalArgumentException(
          "--secure-listen-address: missing (expected: an address such as 0.0.0.0:8443)");
    }
    address(secure, "secure-listen-address");
    address(insecure, "insecure-listen-address");
    together(flags, "tls-cert-file", "tls-private-key-file");
    together(flags, "upstream-client-cert-file", "upstream-client-key-file");
    if (!flags.list("allow-paths").isEmpty() && !flags.list("ignore-paths").isEmpty()) {
      throw new IllegalArgumentException(
          "--ignore-paths: given with --allow-paths (expected: only one of them)");
    }
    if (flags.number("proxy-endpoints-port") > 0 && secure.isEmpty()) {
      throw new IllegalArgumentException(
          "--proxy-endpoints-port: alone (expected: --secure-listen-address as well)");
    }
    if (!flags.text("oidc-issuer").isEmpty() && flags.text("oidc-clientID").isEmpty()) {
      throw new IllegalArgumentException(
          "--oidc-clientID: missing (expected: a client ID, with --oidc-issuer)");
    }
    KubeRbacProxyDraft.minVersion(flags);
  }

  private static void together(KubeRbacProxyFlags flags, String one, String other) {
    if (flags.text(one).isEmpty() != flags.text(other).isEmpty()) {
      throw new IllegalArgumentException("--" + one + ", --" + other + ": (expected: both)");
    }
  }

  private static void address(String text, String flag) {
    if (text.isEmpty()) {
      return;
    }
    try {
      HostPort.parse(KubeRbacProxyDraft.hosted(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--" + flag + ": " + e.getMessage(), e);
    }
  }
}
