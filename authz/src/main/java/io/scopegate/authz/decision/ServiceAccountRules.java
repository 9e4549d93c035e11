package io.scopegate.authz.decision;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.scopegate.authz.Authentication.Proof.Source;
import io.scopegate.authz.ServiceAccount;
import io.scopegate.authz.User;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads service accounts' tokens as the <a
 * href="https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/">API
 * server</a> does: whose they are, and what {@code extra} a TokenReview would give.
 */
final class ServiceAccountRules implements LocalIssuer.Rules {
  /** The {@code iss} of tokens in Secrets, which have no end and no audience. */
  static final String LEGACY_ISSUER = "kubernetes/serviceaccount";

  private static final String EXTRA = "authentication.kubernetes.io/";

  /** The oldest are forgotten when more objects than these are gone. */
  private static final int MAX_GONE = 100_000;

  private final List<String> audiences;
  private final Cache<String, Boolean> gone =
      Caffeine.newBuilder().maximumSize(MAX_GONE).executor(Runnable::run).build();

  ServiceAccountRules(List<String> audiences) {
    this.audiences = List.copyOf(audiences);
  }

  /**
   * An account, or an object that its tokens are bound to, was deleted: such tokens are invalid.
   */
  void gone(String uid) {
    gone.put(uid, true);
  }

  @Override
  public Source source() {
    return Source.CLUSTER_KEYS;
  }

  @Override
  public boolean isIssuer(String named, @Nullable String issuer) {
    return named.equals(issuer) || named.equals(LEGACY_ISSUER);
  }

  /** Without configured audiences an API server accepts tokens for its own issuer. */
  @Override
  public boolean accepts(Jws jws, @Nullable String issuer) {
    return audiences.isEmpty()
        ? issuer != null && jws.audiences().contains(issuer)
        : jws.isFor(audiences);
  }

  @Override
  public User user(Jws jws) throws TokenFlaw {
    Map<?, ?> kubernetes = object(jws.claim("kubernetes.io"));
    Map<?, ?> account = object(kubernetes.get("serviceaccount"));
    String namespace = text(kubernetes.get("namespace"));
    String name = new ServiceAccount(namespace, text(account.get("name"))).toString();
    if (!name.equals(jws.claim("sub"))) {
      throw TokenFlaw.ofClaim(
          "claim sub is " + TokenCause.value(jws.claim("sub")) + " (expected: " + name + ")");
    }
    return new User(
        name,
        present(account),
        List.of(
            "system:serviceaccounts",
            "system:serviceaccounts:" + namespace,
            "system:authenticated"),
        extra(kubernetes));
  }

  /** The uid of an object that is not gone. */
  private String present(Map<?, ?> object) throws TokenFlaw {
    String uid = text(object.get("uid"));
    if (gone.getIfPresent(uid) != null) {
      throw TokenFlaw.ofClaim(
          "the account or object with uid " + TokenCause.value(uid) + " was deleted");
    }
    return uid;
  }

  private Map<String, List<String>> extra(Map<?, ?> kubernetes) throws TokenFlaw {
    Map<String, List<String>> extra = new LinkedHashMap<>();
    for (String kind : List.of("pod", "node")) {
      if (kubernetes.get(kind) != null) {
        Map<?, ?> bound = object(kubernetes.get(kind));
        extra.put(EXTRA + kind + "-name", List.of(text(bound.get("name"))));
        extra.put(EXTRA + kind + "-uid", List.of(present(bound)));
      }
    }
    if (kubernetes.get("secret") != null) {
      present(object(kubernetes.get("secret")));
    }
    return extra;
  }

  @Override
  public List<String> audiences(@Nullable String issuer) {
    return audiences.isEmpty() && issuer != null ? List.of(issuer) : audiences;
  }

  @Override
  public List<String> boundTo(Jws jws) {
    List<String> uids = new ArrayList<>();
    if (jws.claim("kubernetes.io") instanceof Map<?, ?> kubernetes) {
      for (String kind : List.of("serviceaccount", "pod", "node", "secret")) {
        if (kubernetes.get(kind) instanceof Map<?, ?> object
            && object.get("uid") instanceof String uid) {
          uids.add(uid);
        }
      }
    }
    return uids;
  }

  @Override
  public String tenant(Jws jws) {
    return "";
  }

  private static Map<?, ?> object(@Nullable Object value) throws TokenFlaw {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw TokenFlaw.ofClaim("claim kubernetes.io is not that of a service account");
  }

  private static String text(@Nullable Object value) throws TokenFlaw {
    if (value instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw TokenFlaw.ofClaim("claim kubernetes.io is not that of a service account");
  }
}
