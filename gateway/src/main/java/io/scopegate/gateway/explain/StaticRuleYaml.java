package io.scopegate.gateway.explain;

import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.ServiceAccount;
import io.scopegate.authz.User;
import io.scopegate.gateway.route.Endpoint;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The rule of {@code authorization.static} that would allow one user one thing, and no more. */
final class StaticRuleYaml {
  private StaticRuleYaml() {}

  /** A part of the configuration. */
  static JsonObject allowing(
      User user, String tenant, Endpoint endpoint, ResourceAttributes asked) {
    JsonObject rule = new JsonObject();
    ServiceAccount account = ServiceAccount.parse(user.name());
    if (account == null) {
      rule.put("user", user.name());
    } else {
      rule.put("serviceAccount", account.namespace() + "/" + account.name());
    }
    if (endpoint.isProxied()) {
      rule.put("review", review(asked));
    } else {
      rule.put("tenants", new JsonArray().add(tenant))
          .put("operations", new JsonArray().add(endpoint.operation().label()));
    }
    return new JsonObject()
        .put("authorization", new JsonObject().put("static", new JsonArray().add(rule)));
  }

  private static JsonObject review(ResourceAttributes asked) {
    JsonObject review = new JsonObject().put("verb", asked.verb());
    put(review, "apiGroup", asked.apiGroup());
    put(review, "resource", asked.resource());
    put(review, "subresource", asked.subresource());
    put(review, "name", asked.name());
    put(review, "namespace", asked.namespace());
    if (!asked.isResource()) {
      put(review, "path", asked.path());
    }
    return review;
  }

  private static void put(JsonObject review, String key, String value) {
    if (!value.isEmpty()) {
      review.put(key, value);
    }
  }
}
