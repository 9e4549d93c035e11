package io.scopegate.gateway.configuration;

import io.scopegate.config.HeaderNames;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.access.HeaderRules;
import io.scopegate.gateway.access.TenancyConfig;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Checks of {@code tenancy}. */
final class TenancyChecks {
  private static final KeyPath ROOT = KeyPath.of("tenancy");

  /** Headers with a meaning of their own, which a tenant must not take the place of. */
  private static final Set<String> TAKEN =
      Set.of(
          "accept",
          "accept-encoding",
          "connection",
          "cookie",
          "expect",
          "forwarded",
          "host",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "traceparent",
          "tracestate",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent",
          "via",
          "x-request-id");

  /** Prefixes of further headers with a meaning of their own. */
  private static final List<String> TAKEN_PREFIXES = List.of("content-", "grpc-", "x-forwarded-");

  /** Identity headers that are stripped; only the name of the tenant header differs. */
  private static final HeaderRules STRIPPED = new HeaderRules("x-scope-orgid", true, List.of());

  static final String TENANT_EXPECTED =
      "1 to 150 of letters, digits and !-_.*'(), and neither . nor ..";

  private TenancyChecks() {}

  static void check(TenancyConfig config, Loaded<?> loaded) {
    String header = config.header();
    if (!HeaderNames.isToken(header) || isTaken(header.toLowerCase(Locale.ROOT))) {
      loaded.problem(ROOT.key("header"), header, "the name of a header of its own");
    }
    if (config.source().isEmpty()
        || new HashSet<>(config.source()).size() < config.source().size()) {
      loaded.problem(
          ROOT.key("source"),
          config.source(),
          "some of header, namespace, certificate and claim, each once");
    }
    checkClaim(config, loaded);
    checkIds(config.ids(), loaded);
  }

  private static void checkClaim(TenancyConfig config, Loaded<?> loaded) {
    String claim = config.claim();
    boolean wanted = config.source().contains(TenancyConfig.Source.CLAIM);
    if (claim == null && wanted) {
      loaded.problem(
          ROOT.key("claim"), "", "missing, and tenancy.source has claim", "the name of a claim");
    } else if (claim != null && !wanted) {
      loaded.problem(
          ROOT.key("claim"), claim, "is never used", "claim in tenancy.source, or null here");
    } else if (claim != null && claim.isBlank()) {
      loaded.problem(ROOT.key("claim"), claim, "the name of a claim");
    }
  }

  /** Whether this can be a tenant's name. */
  static boolean isTenant(String name) {
    return TenancyConfig.isTenant(name);
  }

  /** Whether a header means something else already. */
  static boolean hasMeaning(String header) {
    String name = header.toLowerCase(Locale.ROOT);
    return TAKEN.contains(name)
        || name.equals("authorization")
        || TAKEN_PREFIXES.stream()
            .anyMatch(prefix -> name.startsWith(prefix) && !STRIPPED.strips(name));
  }

  private static boolean isTaken(String header) {
    return TAKEN.contains(header)
        || TAKEN_PREFIXES.stream().anyMatch(header::startsWith)
        || (STRIPPED.strips(header) && !header.startsWith("x-scope-"));
  }

  private static void checkIds(Map<String, String> ids, Loaded<?> loaded) {
    Map<String, String> names = new HashMap<>();
    ids.forEach((name, id) -> {
      KeyPath path = ROOT.key("ids").key(name);
      if (!isTenant(name)) {
        loaded.problem(path, "", "not a name that a tenant can have", TENANT_EXPECTED);
      }
      if (!isTenant(id)) {
        loaded.problem(path, id, TENANT_EXPECTED);
      }
      String other = names.putIfAbsent(id, name);
      if (other != null) {
        loaded.problem(path, id, "is the id of " + other + " already", "another id");
      }
    });
  }
}
