package io.scopegate.gateway.configuration;

import io.scopegate.config.HeaderNames;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.config.Secret;
import io.scopegate.gateway.otlp.OtlpConfig;
import io.scopegate.gateway.telemetry.TracingConfig;
import java.util.Locale;
import java.util.Set;

/** Checks of {@code tracing}, and of receivers of OTLP. */
final class TracingChecks {
  private static final KeyPath ROOT = KeyPath.of("tracing");

  /** The gateway's own, or not to be set by the JDK's client. */
  private static final Set<String> RESERVED =
      Set.of(
          "connection",
          "content-length",
          "content-type",
          "expect",
          "host",
          "transfer-encoding",
          "upgrade",
          "user-agent");

  private TracingChecks() {}

  static void check(TracingConfig config, Loaded<?> loaded) {
    if (config.ratio() < 0 || config.ratio() > 1) {
      loaded.problem(ROOT.key("ratio"), config.ratio(), "0 to 1");
    }
    OtlpConfig otlp = config.otlp();
    if (otlp != null) {
      check(ROOT.key("otlp"), otlp, loaded);
    }
  }

  /** Checks a receiver. */
  static void check(KeyPath path, OtlpConfig otlp, Loaded<?> loaded) {
    if (!OtlpConfig.isUsableUrl(otlp.endpoint())) {
      loaded.problem(
          path.key("endpoint"),
          otlp.endpoint(),
          "http://host:port or https://host:port, perhaps with a path");
      return;
    }
    otlp.headers().forEach((name, value) -> checkHeader(path.key("headers"), name, value, loaded));
    String tenant = otlp.tenant();
    if (tenant != null && !isValue(tenant)) {
      loaded.problem(path.key("tenant"), tenant, "the name of a tenant in ASCII");
    }
    new CertificateChecks(loaded).checkClient(path.key("tls"), otlp.isEncrypted(), otlp.tls());
  }

  private static void checkHeader(KeyPath path, String name, Secret value, Loaded<?> loaded) {
    if (!HeaderNames.isToken(name)) {
      loaded.problem(path.key(name), name, "the name of a header");
    } else if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
      loaded.problem(path.key(name), name, "is set by the gateway itself", "another header");
    } else if (!isValue(value.reveal())) {
      loaded.problem(path.key(name), value, "visible characters of ASCII");
    }
  }

  private static boolean isValue(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }
}
