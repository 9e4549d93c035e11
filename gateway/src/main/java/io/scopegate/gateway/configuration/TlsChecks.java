package io.scopegate.gateway.configuration;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.tls.ServerContexts;
import io.scopegate.gateway.tls.TlsConfig;
import java.util.Locale;

/** Checks of {@code tls}, at the top and below each listener. */
final class TlsChecks {
  private static final KeyPath TLS = KeyPath.of("tls");

  private TlsChecks() {}

  /** Reports CA certificates that no listener uses: such a mistake would go unnoticed. */
  static void check(GatewayConfig config, Loaded<?> loaded) {
    config
        .listeners()
        .forEach((name, listener) -> {
          KeyPath own = KeyPath.of("listeners", name, "tls", "clientCaFile");
          if (loaded.isGiven(own) && !takesCertificates(listener.tls())) {
            unused(own, listener.tls(), loaded);
          }
        });
    KeyPath shared = TLS.key("clientCaFile");
    if (!takesCertificates(config) && loaded.isGiven(shared)) {
      unused(shared, config.tls(), loaded);
    }
  }

  private static void unused(KeyPath path, TlsConfig tls, Loaded<?> loaded) {
    if (tls.clientCaFile() != null) {
      loaded.problem(
          path,
          tls.clientCaFile(),
          "is never used while tls.mode is disabled",
          "tls.mode: required or optional, or null here");
    }
  }

  /** Whether clients can authenticate by certificate, on at least one listener. */
  static boolean takesCertificates(GatewayConfig config) {
    return config.listeners().values().stream().anyMatch(l -> takesCertificates(l.tls()));
  }

  private static boolean takesCertificates(TlsConfig tls) {
    return tls.mode() != TlsConfig.Mode.DISABLED && tls.clientCaFile() != null;
  }

  /** Checks the settings of one listener, the inherited ones included. */
  static void checkListener(KeyPath path, TlsConfig tls, Loaded<?> loaded) {
    if (tls.mode() == TlsConfig.Mode.DISABLED) {
      if (tls.clearTextTokens() != TlsConfig.ClearTextTokens.ALLOW) {
        loaded.problem(
            path.key("clearTextTokens"),
            text(tls.clearTextTokens()),
            "cannot be kept while tls.mode is disabled",
            "allow, or tls.mode: required or optional");
      }
      return;
    }
    for (int i = 0; i < tls.cipherSuites().size(); i++) {
      if (!ServerContexts.SUITES.contains(tls.cipherSuites().get(i))) {
        loaded.problem(
            path.key("cipherSuites").index(i),
            tls.cipherSuites().get(i),
            "one of " + String.join(", ", ServerContexts.SUITES));
      }
    }
    CertificateChecks certificates = new CertificateChecks(loaded);
    certificates.checkAuthorities(path.key("clientCaFile"), tls.clientCaFile());
    if (tls.selfSigned()) {
      checkSelfSigned(path, tls, loaded);
    } else if (hasNone(tls)) {
      loaded.problem(
          path.key("certificateFile"),
          "",
          "missing, and tls.mode: " + text(tls.mode()) + " needs a certificate",
          "certificateFile and keyFile, certificates, or selfSigned: true");
    } else {
      certificates.checkServer(path, tls);
    }
  }

  private static boolean hasNone(TlsConfig tls) {
    return tls.certificateFile() == null && tls.keyFile() == null && tls.certificates().isEmpty();
  }

  private static void checkSelfSigned(KeyPath path, TlsConfig tls, Loaded<?> loaded) {
    boolean read = tls.certificateFile() != null || tls.keyFile() != null;
    if (read || !tls.certificates().isEmpty()) {
      loaded.problem(
          path.key("selfSigned"),
          "true",
          "cannot be combined with certificates that are read",
          "false, or no certificateFile, keyFile and certificates");
    }
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
