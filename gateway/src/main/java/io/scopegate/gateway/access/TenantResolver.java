package io.scopegate.gateway.access;

import io.netty.util.AsciiString;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.ServiceAccount;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.TenancyConfig.Source;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which tenants a request is for. The rules for names are Tempo's: see its <a
 * href="https://grafana.com/docs/tempo/latest/operations/manage-advanced-systems/multitenancy/">multi-tenancy</a>
 * and <a href="https://grafana.com/docs/mimir/latest/configure/about-tenant-ids/">tenant ids</a>.
 * What Tempo would take in two ways is refused: a {@code :}, behind which it ignores the rest, and
 * an empty member of a list.
 */
final class TenantResolver {
  private static final int MAX_NAME_BYTES = 150;
  private static final String ALLOWED = "letters, digits and ! - _ . * ' ( )";

  private final AsciiString header;
  private final List<Source> sources;
  private final Map<String, String> ids;
  private final Set<String> idsOfOthers;
  private final int maxFederated;

  /**
   * For one configuration.
   *
   * @throws IllegalArgumentException when an id is no tenant, or belongs to two names
   */
  TenantResolver(TenancyConfig config) {
    this.header = AsciiString.of(config.header()).toLowerCase();
    this.sources = config.source();
    this.ids = Map.copyOf(config.ids());
    this.maxFederated = config.maxFederated();
    this.idsOfOthers = new HashSet<>();
    ids.forEach((name, id) -> {
      if (flaw(name) != null || flaw(id) != null || !idsOfOthers.add(id)) {
        throw new IllegalArgumentException(
            "tenancy.ids: " + name + ": " + id + " (expected: two tenants, each id once)");
      }
    });
    idsOfOthers.removeAll(ids.keySet());
  }

  /** The name of the tenant header in lower case. */
  AsciiString header() {
    return header;
  }

  /**
   * The tenants of a request.
   *
   * @param value the only value of the tenant header; null when there is none. An empty one, as a
   *     collector's headers_setter sends it when it has nothing to set, counts as none where
   *     another source gives a tenant.
   * @param proof of who the user is
   */
  Resolved resolve(@Nullable CharSequence value, User user, Proof proof, Operation operation) {
    for (Source source : sources) {
      if (source == Source.HEADER && value != null && !value.isEmpty()) {
        return fromHeader(value.toString(), operation).from(Source.HEADER);
      }
      String name = ofCaller(source, user, proof);
      if (name != null) {
        return one(name).from(source);
      }
    }
    String flaw = value == null || !sources.contains(Source.HEADER) ? "none given" : "empty";
    return refused(flaw + " (expected: " + wayToGiveOne() + ")");
  }

  /** The tenants that a request names, from any caller; refused when it names none. */
  Resolved named(@Nullable CharSequence value, Operation operation) {
    return value == null || value.isEmpty() || !sources.contains(Source.HEADER)
        ? refused("none given (expected: the header " + header + ")")
        : fromHeader(value.toString(), operation).from(Source.HEADER);
  }

  /** The tenant that goes with the caller, whatever the request says; null when none does. */
  private static @Nullable String ofCaller(Source source, User user, Proof proof) {
    return switch (source) {
      case HEADER -> null;
      case NAMESPACE -> namespace(user);
      case CERTIFICATE -> isCertificate(proof) ? named(proof) : null;
      case CLAIM -> isCertificate(proof) ? null : named(proof); // only tokens have claims
    };
  }

  private static boolean isCertificate(Proof proof) {
    return proof.source().equals(Proof.Source.CERTIFICATE);
  }

  private static @Nullable String named(Proof proof) {
    return proof.tenant().isEmpty() ? null : proof.tenant();
  }

  /** Why a request with different values of the header has no tenant. */
  Resolved several() {
    return refused("several " + header + " headers with different values (expected: one)");
  }

  private Resolved fromHeader(String value, Operation operation) {
    if (value.indexOf('|') < 0) {
      return one(value);
    }
    Set<String> names = new LinkedHashSet<>(List.of(value.split("\\|", -1)));
    for (String name : names) {
      String flaw = flaw(name);
      if (flaw != null) {
        return refused(flaw);
      }
    }
    if (names.size() > 1 && operation != Operation.READ) {
      return refused(names.size() + " tenants (expected: one; only a query may have several)");
    }
    if (names.size() > maxFederated) {
      return refused(names.size() + " tenants (expected: at most " + maxFederated + ")");
    }
    return several(new ArrayList<>(names));
  }

  private Resolved one(String name) {
    String flaw = flaw(name);
    if (flaw != null) {
      return refused(flaw);
    }
    return new Resolved(
        List.of(name), AsciiString.of(ids.getOrDefault(name, name)), name, "", null);
  }

  /** Sorted, as Tempo itself does before it looks; the members are kept in the client's order. */
  private Resolved several(List<String> names) {
    TreeSet<String> sent = new TreeSet<>();
    for (String name : names) {
      sent.add(ids.getOrDefault(name, name));
    }
    List<String> sorted = new ArrayList<>(names);
    Collections.sort(sorted);
    return new Resolved(
        names, AsciiString.of(String.join("|", sent)), String.join("|", sorted), "", null);
  }

  /**
   * Whether a name is what another tenant is called upstream. Nobody may use it, whatever rights
   * there are for it, and nobody is told: the answer is that of a tenant that one has no right to,
   * or it would tell which ids there are.
   */
  boolean isIdOfAnother(String name) {
    return !idsOfOthers.isEmpty() && idsOfOthers.contains(name);
  }

  /** What is wrong with a name, or null. */
  static @Nullable String flaw(String name) {
    if (name.isEmpty()) {
      return "empty (expected: a name)";
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!isAllowed(c)) {
        return HeaderValue.shown(name)
            + " holds "
            + (c > ' ' && c <= '~' ? "'" + c + "'" : "a character")
            + " that is not allowed (expected: "
            + ALLOWED
            + ")";
      }
    }
    if (name.length() > MAX_NAME_BYTES) {
      return name.length() + " bytes (expected: at most " + MAX_NAME_BYTES + ")";
    }
    return name.equals(".") || name.equals("..") ? name + " (expected: a name)" : null;
  }

  private static boolean isAllowed(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || switch (c) {
          case '!', '-', '_', '.', '*', '\'', '(', ')' -> true;
          default -> false;
        };
  }

  /** The namespace of a service account's user name; null for everybody else. */
  private static @Nullable String namespace(User user) {
    ServiceAccount account = ServiceAccount.parse(user.name());
    return account == null ? null : account.namespace();
  }

  private String wayToGiveOne() {
    List<String> ways = new ArrayList<>();
    if (sources.contains(Source.HEADER)) {
      ways.add("the header " + header);
    }
    if (sources.contains(Source.NAMESPACE)) {
      ways.add("a service account, whose namespace is the tenant");
    }
    if (sources.contains(Source.CERTIFICATE)) {
      ways.add("a client certificate, whose only OU is the tenant");
    }
    if (sources.contains(Source.CLAIM)) {
      ways.add("a token with a claim that names it");
    }
    return String.join(", or ", ways);
  }

  private Resolved refused(String flaw) {
    return new Resolved(
        List.of(),
        AsciiString.EMPTY_STRING,
        "",
        "",
        Refusal.of(Reason.TENANT_INVALID, "tenant: " + flaw));
  }

  /**
   * The tenants of a request, or why there are none.
   *
   * @param names as the client named them, each once
   * @param sent the value of the tenant header for upstream; null for none at all
   * @param label for logs and metrics: the names, sorted
   * @param source where they come from, as in {@code tenancy.source}; empty when nowhere
   * @param refusal null when there are tenants
   */
  record Resolved(
      List<String> names,
      @Nullable AsciiString sent,
      String label,
      String source,
      @Nullable Refusal refusal) {

    /** What was named in a proxied request, which is for no tenant. */
    static Resolved proxied(ProxiedReviews.Wanted wanted) {
      return new Resolved(wanted.names(), wanted.tenantHeader(), wanted.label(), "request", null);
    }

    Resolved from(Source source) {
      return new Resolved(names, sent, label, source.name().toLowerCase(Locale.ROOT), refusal);
    }
  }
}
