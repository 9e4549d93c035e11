package io.scopegate.gateway.access;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.DecodedPath;
import io.scopegate.gateway.route.Endpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is reviewed of a request that is proxied, as <a
 * href="https://github.com/brancz/kube-rbac-proxy">kube-rbac-proxy</a> has it: the verb of its
 * method on its path, or on a resource, which values in a header or in the query may name. All
 * values must be allowed. The tenant header goes on only when it is what was reviewed, unless
 * configured otherwise.
 */
final class ProxiedReviews {
  /** What is reviewed is kept as a key of the cache. */
  private static final int MOST_PATH_CHARS = 1_024;

  private static final int MOST_VALUE_CHARS = 256;
  private static final int MOST_PARAMETERS = 1_000;

  private final ResourceMapping mapping;
  private final boolean byPath;
  private final @Nullable AsciiString header;
  private final @Nullable String parameter;
  private final AsciiString tenantHeader;
  private final boolean forwardsTenant;
  private final int most;

  /** For one configuration. */
  ProxiedReviews(
      AuthorizationConfig authorization, TenancyConfig tenancy, ResourceMapping mapping) {
    this.mapping = mapping;
    this.byPath = authorization.mapping() == Mapping.NON_RESOURCE;
    RewritesConfig rewrites = authorization.rewrites();
    this.header =
        rewrites == null || rewrites.header() == null
            ? null
            : AsciiString.of(rewrites.header()).toLowerCase();
    this.parameter = rewrites == null ? null : rewrites.query();
    this.tenantHeader = AsciiString.of(tenancy.header()).toLowerCase();
    this.forwardsTenant = tenancy.forwardUnreviewed() || tenantHeader.equals(header);
    this.most = tenancy.maxFederated();
  }

  /** What a request wants; the head is not held on to. */
  Wanted wanted(Endpoint endpoint, Http2Headers head) {
    List<CharSequence> tenants = head.getAll(tenantHeader);
    if (forwardsTenant && tenants.size() > 1) {
      return refused("tenant: several " + tenantHeader + " headers (expected: one)");
    }
    AsciiString sent = forwardsTenant && !tenants.isEmpty() ? AsciiString.of(tenants.get(0)) : null;
    CharSequence target = head.path() == null ? "/" : head.path();
    if (byPath) {
      String path = DecodedPath.of(target);
      return path.length() > MOST_PATH_CHARS
          ? refused("path: " + path.length() + " characters (expected: at most 1024)")
          : new Wanted(endpoint.verb(), path, List.of(), sent, null);
    }
    if (header == null && parameter == null) {
      return new Wanted(endpoint.verb(), "", List.of(), sent, null);
    }
    return values(endpoint, head, target, sent);
  }

  private Wanted values(
      Endpoint endpoint, Http2Headers head, CharSequence target, @Nullable AsciiString sent) {
    Set<String> values = new LinkedHashSet<>();
    if (parameter != null && !addParameters(query(target), parameter, values)) {
      return refused(
          "query: it may be read in several ways (expected: visible ASCII, & between parameters, and"
              + " % only before two hexadecimal digits of UTF-8)");
    }
    if (header != null) {
      for (CharSequence value : head.getAll(header)) {
        if (value.chars().anyMatch(c -> c > '~')) {
          return refused(
              "authorization: the value of " + header + " is not ASCII (expected: visible ASCII)");
        }
        values.add(value.toString());
      }
    }
    if (values.stream().anyMatch(ProxiedReviews::isUnclear)) {
      return refused(
          "authorization: a value that may be read in several ways (expected: UTF-8 without control"
              + " characters)");
    }
    if (values.isEmpty()) {
      return refused("authorization: nothing to review (expected: " + place() + ")");
    }
    if (values.size() > most || values.stream().anyMatch(v -> v.length() > MOST_VALUE_CHARS)) {
      return refused(
          "authorization: too many or too long values (expected: at most "
              + most
              + " of at most "
              + MOST_VALUE_CHARS
              + " characters in "
              + place()
              + ")");
    }
    return new Wanted(endpoint.verb(), "", List.copyOf(values), sent, null);
  }

  /**
   * Whether the API server would be asked about something else than what the upstream reads: bytes
   * that are not UTF-8 all become the same character.
   */
  private static boolean isUnclear(String value) {
    return value.chars().anyMatch(c -> c == '\ufffd' || Character.isISOControl(c));
  }

  private String place() {
    if (header == null) {
      return "the parameter " + parameter + " in the query";
    }
    return "the header "
        + header
        + (parameter == null ? "" : ", or " + parameter + " in the query");
  }

  private static String query(CharSequence target) {
    String text = target.toString();
    int mark = text.indexOf('?');
    return mark < 0 ? "" : text.substring(mark + 1);
  }

  /**
   * Finds the values of a parameter.
   *
   * @return false for a query that the upstream may read in another way
   */
  private static boolean addParameters(String query, String name, Collection<String> values) {
    if (query.chars().anyMatch(c -> c <= ' ' || c > '~' || c == ';')) {
      return false;
    }
    int from = 0;
    for (int i = 0; i < MOST_PARAMETERS; i++) {
      int end = query.indexOf('&', from);
      String pair = query.substring(from, end < 0 ? query.length() : end);
      int equals = pair.indexOf('=');
      try {
        String key = decoded(equals < 0 ? pair : pair.substring(0, equals));
        String value = decoded(equals < 0 ? "" : pair.substring(equals + 1));
        if (key.equals(name)) {
          values.add(value);
        }
      } catch (IllegalArgumentException e) {
        return false;
      }
      if (end < 0) {
        return true;
      }
      from = end + 1;
    }
    return false;
  }

  private static String decoded(String text) {
    return QueryStringDecoder.decodeComponent(text);
  }

  private static Wanted refused(String why) {
    return new Wanted("", "", List.of(), null, Refusal.of(Reason.TENANT_INVALID, why));
  }

  /** What has to be asked for a user, once for each value. */
  List<ResourceAttributes> questions(Wanted wanted, User user) {
    if (byPath) {
      return List.of(ResourceAttributes.ofPath(wanted.verb(), wanted.path()));
    }
    List<ResourceAttributes> questions = new ArrayList<>();
    wanted.names().forEach(value -> questions.add(mapping.proxied(value, wanted.verb(), user)));
    return questions;
  }

  /**
   * What one request wants.
   *
   * @param verb of its method
   * @param path where that is reviewed; else empty
   * @param values that name what is reviewed; none: nothing names it
   * @param tenantHeader for the upstream; null for none
   * @param refusal why it cannot be reviewed; null when it can
   */
  record Wanted(
      String verb,
      String path,
      List<String> values,
      @Nullable AsciiString tenantHeader,
      @Nullable Refusal refusal) {

    /** One for each question; empty where the request names nothing. */
    List<String> names() {
      return values.isEmpty() ? List.of("") : values;
    }

    /** For logs, metrics and limits. */
    String label() {
      return values.size() == 1 ? values.get(0) : String.join("|", new TreeSet<>(values));
    }
  }
}
