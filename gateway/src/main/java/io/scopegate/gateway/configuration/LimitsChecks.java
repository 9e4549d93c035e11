package io.scopegate.gateway.configuration;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.config.Secret;
import io.scopegate.gateway.limit.LimitStore;
import io.scopegate.gateway.limit.LimitsConfig;
import io.scopegate.gateway.limit.StoreConfig;
import io.scopegate.gateway.limit.TempoOverrides;
import io.scopegate.gateway.limit.TenantLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Checks of {@code limits}, with the file that it names. */
final class LimitsChecks {
  private static final KeyPath ROOT = KeyPath.of("limits");
  private static final String EXPECTED = " (expected: ";
  private static final Pattern PREFIX = Pattern.compile("[-A-Za-z0-9_.:]{1,64}");

  private LimitsChecks() {}

  static void check(LimitsConfig config, Loaded<?> loaded) {
    checkStore(config.store(), loaded);
    Path file = config.tempoOverridesFile();
    if (file != null) {
      checkFile(ROOT.key("tempoOverridesFile"), file, loaded);
      return; // which may hold what is missing here
    }
    checkBurst(ROOT.key("defaults"), config.defaults(), config.defaults(), loaded);
    config
        .tenants()
        .forEach((name, own) ->
            checkBurst(ROOT.key("tenants").key(name), own, own.over(config.defaults()), loaded));
  }

  private static void checkStore(StoreConfig store, Loaded<?> loaded) {
    KeyPath path = ROOT.key("store");
    Secret url = store.url();
    if (store.type() == StoreConfig.Type.REDIS && url == null) {
      loaded.problem(
          path.key("url"),
          "",
          "missing, and type: redis needs it",
          "redis://host:port or rediss://…");
    }
    if (url != null && !LimitStore.accepts(store)) {
      loaded.problem(path.key("url"), url, expectedUrl(store));
    }
    if (store.cluster() && store.sentinel() != null) {
      loaded.problem(
          path.key("cluster"), true, "a cluster has no Sentinels", "one of sentinel and cluster");
    }
    if (!PREFIX.matcher(store.prefix()).matches()) {
      loaded.problem(path.key("prefix"), store.prefix(), "1 to 64 letters, digits, -, _, . or :");
    }
    Path ca = store.caFile();
    if (ca != null) {
      CertificateChecks.checkReadable(path.key("caFile"), ca, loaded);
    }
  }

  private static String expectedUrl(StoreConfig store) {
    String servers =
        store.sentinel() == null && !store.cluster() ? "host[:port]" : "host[:port][,host[:port]…]";
    String database = store.cluster() ? "" : "[/database]";
    return "redis://[user:password@]" + servers + database + ", or rediss:// with TLS";
  }

  private static void checkFile(KeyPath path, Path file, Loaded<?> loaded) {
    if (!CertificateChecks.checkReadable(path, file, loaded)) {
      return;
    }
    try {
      TempoOverrides.read(file);
    } catch (IOException e) {
      inFile(path, "" + e.getMessage(), loaded);
    }
  }

  /** A message about the file says itself what was expected there. */
  private static void inFile(KeyPath path, String message, Loaded<?> loaded) {
    int end = message.lastIndexOf(EXPECTED);
    if (end > 0 && message.endsWith(")")) {
      String expected = message.substring(end + EXPECTED.length(), message.length() - 1);
      loaded.problem(path, message.substring(0, end), expected);
    } else {
      loaded.problem(path, message, "Tempo's per-tenant overrides");
    }
  }

  /** A burst of something that is not limited. */
  private static void checkBurst(
      KeyPath path, TenantLimits own, TenantLimits merged, Loaded<?> loaded) {
    if (own.ingestBurst() != null && merged.ingestBytesPerSecond() == null) {
      loaded.problem(
          path.key("ingestBurst"),
          own.ingestBurst(),
          "has no effect without ingestBytesPerSecond",
          "null, or ingestBytesPerSecond as well");
    }
  }
}
