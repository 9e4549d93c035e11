package io.scopegate.gateway.doctor;

import io.scopegate.config.PemFiles;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.otlp.OtlpConfig;
import io.scopegate.gateway.probe.Finding;
import io.scopegate.gateway.tls.ClientTls;
import io.scopegate.gateway.tls.ServerNames;
import io.scopegate.gateway.tls.TlsCertificateConfig;
import io.scopegate.gateway.tls.TlsConfig;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The dates and names of the certificates that are configured. */
final class CertificateExam {
  private static final Duration SOON = Duration.ofDays(14);

  private final GatewayConfig config;
  private final Instant now;
  private final List<Finding> findings = new ArrayList<>();
  private final Set<Path> seen = new HashSet<>();

  CertificateExam(GatewayConfig config, InstantSource clock) {
    this.config = config;
    this.now = clock.instant();
  }

  List<Finding> examine() {
    config.listeners().forEach(this::listener);
    config
        .effectiveUpstreams()
        .forEach((name, upstream) -> called("upstreams." + name + ".tls", upstream.tls()));
    receiver("tracing.otlp.tls", config.tracing().otlp());
    receiver("log.otlp.tls", config.log().otlp());
    return findings;
  }

  private void receiver(String key, @Nullable OtlpConfig otlp) {
    if (otlp != null) {
      called(key, otlp.tls());
    }
  }

  private void called(String key, ClientTls tls) {
    dates(key + ".caFile", tls.caFile());
    dates(key + ".certificateFile", tls.certificateFile());
  }

  private void listener(String name, ListenerConfig listener) {
    TlsConfig tls = listener.tls();
    if (tls.mode() == TlsConfig.Mode.DISABLED) {
      return;
    }
    String key = "listeners." + name + ".tls";
    for (TlsCertificateConfig one : tls.allCertificates()) {
      names(key + ".certificateFile", one.certificateFile());
      dates(key + ".certificateFile", one.certificateFile());
    }
    dates(key + ".clientCaFile", tls.clientCaFile());
  }

  private void names(String key, Path file) {
    if (seen.contains(file)) {
      return;
    }
    List<String> names = ServerNames.of(PemFiles.certificates(file).get(0));
    findings.add(
        names.isEmpty()
            ? Finding.warning(
                key,
                file + " has no DNS name, so no client can verify it by a name",
                "issue a certificate with the names that clients use, such as that of the Service")
            : Finding.ok(key, file + " is for " + String.join(", ", names)));
  }

  private void dates(String key, @Nullable Path file) {
    if (file == null || !seen.add(file)) {
      return;
    }
    for (X509Certificate certificate : PemFiles.certificates(file)) {
      Instant from = certificate.getNotBefore().toInstant();
      Instant until = certificate.getNotAfter().toInstant();
      if (until.isBefore(now)) {
        findings.add(Finding.error(key, file + " expired on " + until, "renew it; it is followed"));
      } else if (from.isAfter(now)) {
        findings.add(
            Finding.error(
                key, file + " is not valid before " + from, "check this machine's clock"));
      } else if (until.isBefore(now.plus(SOON))) {
        findings.add(Finding.warning(key, file + " expires on " + until, "renew it soon"));
      }
    }
  }
}
