package io.scopegate.testkit.tempo;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Reads {@code X-Scope-OrgID} as Tempo does. */
final class Tenants {
  static final String HEADER = "X-Scope-OrgID";
  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9!_.*'()-]{1,150}");

  private final boolean multitenant;

  Tenants(boolean multitenant) {
    this.multitenant = multitenant;
  }

  /**
   * The tenants of an HTTP request: the first value counts.
   *
   * @throws IllegalArgumentException saying why there is none
   */
  List<String> ofHttp(List<String> values) {
    if (!multitenant) {
      return List.of("single-tenant");
    }
    if (values.isEmpty() || values.get(0).isEmpty()) {
      throw new IllegalArgumentException("no org id");
    }
    return split(values.get(0));
  }

  /**
   * The tenants of a gRPC call: exactly one value is wanted.
   *
   * @throws IllegalArgumentException saying why there is none
   */
  List<String> ofGrpc(List<String> values) {
    if (multitenant && values.size() != 1) {
      throw new IllegalArgumentException("no org id");
    }
    return ofHttp(values);
  }

  /** The one tenant of a write. */
  static String one(List<String> tenants) {
    if (tenants.size() != 1) {
      throw new IllegalArgumentException("multiple org IDs present");
    }
    return tenants.get(0);
  }

  private static List<String> split(String value) {
    return Arrays.stream(value.split("\\|", -1)).map(Tenants::checked).distinct().sorted().toList();
  }

  private static String checked(String tenant) {
    int metadata = tenant.indexOf(':');
    String id = metadata < 0 ? tenant : tenant.substring(0, metadata);
    if (!VALID.matcher(id).matches() || id.equals(".") || id.equals("..")) {
      throw new IllegalArgumentException("tenant ID is not valid");
    }
    return id;
  }
}
