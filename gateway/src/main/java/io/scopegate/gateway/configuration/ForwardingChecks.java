package io.scopegate.gateway.configuration;

import io.scopegate.config.HeaderNames;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.forward.IdentityHeadersConfig;

/** Checks of {@code forwarding}. */
final class ForwardingChecks {
  private static final KeyPath IDENTITY = KeyPath.of("forwarding", "identityHeaders");
  private static final int MOST_SEPARATOR_CHARS = 16;

  private ForwardingChecks() {}

  static void check(GatewayConfig config, Loaded<?> loaded) {
    IdentityHeadersConfig headers = config.forwarding().identityHeaders();
    if (headers == null) {
      return;
    }
    String tenantHeader = config.tenancy().header();
    checkOwnHeader(IDENTITY.key("user"), headers.user(), tenantHeader, loaded);
    checkOwnHeader(IDENTITY.key("groups"), headers.groups(), tenantHeader, loaded);
    if (headers.user().equalsIgnoreCase(headers.groups())) {
      loaded.problem(
          IDENTITY.key("groups"),
          headers.groups(),
          "is the header of user already",
          "another header");
    }
    String separator = headers.separator();
    if (separator.isEmpty()
        || separator.length() > MOST_SEPARATOR_CHARS
        || !separator.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
      loaded.problem(IDENTITY.key("separator"), separator, "1 to 16 visible characters of ASCII");
    }
  }

  private static void checkOwnHeader(
      KeyPath path, String name, String tenantHeader, Loaded<?> loaded) {
    if (!HeaderNames.isToken(name)) {
      loaded.problem(path, name, "the name of a header");
    }
    if (TenancyChecks.hasMeaning(name) || name.equalsIgnoreCase(tenantHeader)) {
      loaded.problem(
          path, name, "has another meaning", "a header of its own, such as x-remote-user");
    }
  }
}
