package io.scopegate.gateway.explain;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.scopegate.authz.kubernetes.SubjectAccessReviews;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Reply;
import io.scopegate.gateway.route.Endpoint;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An explanation for programs. */
public final class ExplanationJson {
  private final Explanation e;

  private ExplanationJson(Explanation e) {
    this.e = e;
  }

  /** One document. Holds no token. */
  public static JsonObject of(Explanation explanation) {
    return new ExplanationJson(explanation).document();
  }

  private JsonObject document() {
    JsonObject document =
        new JsonObject()
            .put("allowed", e.refusal() == null)
            .put("request", request())
            .put("listeners", new JsonArray(new ArrayList<>(e.listeners())));
    Endpoint endpoint = e.endpoint();
    if (endpoint != null) {
      document
          .put("listener", e.place().listener())
          .put("endpoint", endpoint.name())
          .put("operation", endpoint.operation().label());
    }
    DecisionBasis grounds = e.grounds();
    if (grounds != null) {
      document.put("who", who(grounds.authentication()));
      document.put("tenant", tenant(grounds));
      document.put("rights", rights(grounds));
      document.put("limits", limits(grounds)).put("limits_enforced", !e.onlyLogsLimits());
    }
    if (endpoint != null) {
      document.put("upstream", upstream());
    }
    return document.put("answer", answer());
  }

  private JsonObject request() {
    return new JsonObject()
        .put("method", e.place().method())
        .put("target", e.inquiry().target())
        .put("grpc", e.inquiry().grpc())
        .put("http", e.inquiry().http2() ? "2" : "1.1")
        .put("tls", e.place().tls())
        .put("content_type", e.place().contentType())
        .put("origin", e.inquiry().headers().origin())
        .put("tenant", e.inquiry().headers().tenant())
        .put("token", !e.inquiry().headers().authorizations().isEmpty())
        .put("assumed_user", e.inquiry().as() != null);
  }

  private JsonObject who(Authentication authentication) {
    JsonObject who = new JsonObject().put("outcome", lower(authentication.outcome()));
    User user = authentication.user();
    if (user != null) {
      JsonObject extra = new JsonObject();
      user.extra().forEach((key, values) -> extra.put(key, new JsonArray(new ArrayList<>(values))));
      who.put("user", user.name())
          .put("uid", user.uid())
          .put("groups", new JsonArray(new ArrayList<>(user.groups())))
          .put("extra", extra);
    } else {
      who.put("reason", authentication.reason());
      if (!authentication.cause().isEmpty()) {
        who.put("cause", authentication.cause());
      }
    }
    Authentication.Proof proof = authentication.proof();
    return source(who, proof.source().label(), proof.answeredMillis(), proof.stale());
  }

  private JsonObject source(JsonObject target, String name, long answeredMillis, boolean stale) {
    target.put("source", name).put("stale", stale);
    if (answeredMillis > 0) {
      target
          .put("cached", answeredMillis < e.startMillis())
          .put("age_ms", Math.max(0, e.nowMillis() - answeredMillis));
    }
    return target;
  }

  private JsonObject tenant(DecisionBasis grounds) {
    AccessDecision verdict = Objects.requireNonNull(e.verdict());
    JsonObject tenant =
        new JsonObject()
            .put("names", new JsonArray(new ArrayList<>(grounds.tenants())))
            .put("source", grounds.tenantSource());
    return verdict.tenantHeader() == null
        ? tenant
        : tenant.put("sent", verdict.tenantHeader().toString());
  }

  private JsonArray rights(DecisionBasis grounds) {
    JsonArray rights = new JsonArray();
    User user = grounds.authentication().user();
    for (int i = 0; user != null && i < grounds.questions().size(); i++) {
      Authorization answer = i < grounds.answers().size() ? grounds.answers().get(i) : null;
      String tenant = grounds.tenants().get(i);
      rights.add(
          e.isWithoutKubernetes()
              ? byRule(user, tenant, grounds.questions().get(i), answer)
              : reviewed(user, tenant, grounds.questions().get(i), answer));
    }
    return rights;
  }

  private JsonObject byRule(
      User user, String tenant, ResourceAttributes asked, @Nullable Authorization answer) {
    JsonObject rule =
        StaticRuleYaml.allowing(user, tenant, Objects.requireNonNull(e.endpoint()), asked);
    return right(tenant, answer).put("rule", rule).put("rule_yaml", Yaml.of(rule));
  }

  private JsonObject reviewed(
      User user, String tenant, ResourceAttributes asked, @Nullable Authorization answer) {
    List<JsonObject> objects = Rbac.allowing(user, tenant, asked);
    JsonObject rule =
        new JsonObject()
            .put("apiVersion", "v1")
            .put("kind", "List")
            .put("items", new JsonArray(objects));
    JsonObject right = right(tenant, answer);
    if (answer != null
        && answer.decision() == Authorization.Decision.DENY
        && !e.otherMapping().isEmpty()) {
      right.put("other_mapping", e.otherMapping());
    }
    JsonObject question = SubjectAccessReviews.request(user, asked);
    return right
        .put("question", question)
        .put("question_yaml", Yaml.of(question))
        .put("rule", rule)
        .put("rule_yaml", Yaml.of(objects));
  }

  private JsonObject right(String tenant, @Nullable Authorization answer) {
    JsonObject right =
        new JsonObject().put("tenant", tenant).put("answer", ExplanationTerms.of(answer));
    if (answer == null) {
      return right;
    }
    Authorization.Ground ground = answer.ground();
    return source(
        right.put("reason", answer.reason()),
        lower(ground.source()),
        ground.answeredMillis(),
        ground.stale());
  }

  private JsonObject limits(DecisionBasis grounds) {
    JsonObject limits = new JsonObject();
    for (String tenant : grounds.tenants()) {
      if (tenant.isEmpty()) {
        continue; // a proxied request that names nothing
      }
      JsonObject of = new JsonObject();
      ExplanationTerms.limits(e.limits(tenant)).forEach(of::put);
      limits.put(tenant, of);
    }
    return limits;
  }

  private JsonObject upstream() {
    Endpoint endpoint = e.endpoint();
    return new JsonObject()
        .put("name", e.upstream())
        .put("url", e.upstreamConfig().url(endpoint != null && endpoint.grpc()).toString())
        .put("protocol", lower(e.upstreamConfig().protocol()))
        .put("gets_token", !e.config().forwarding().stripAuthorization());
  }

  private JsonObject answer() {
    Refusal refusal = e.refusal();
    Reply reply = e.reply();
    if (reply == null) {
      JsonObject upstream = new JsonObject().put("by", "upstream");
      Refusal waived = e.waived();
      return waived == null
          ? upstream
          : upstream.put("would_refuse", waived.reason().label()).put("text", waived.detail());
    }
    if (refusal == null) {
      return new JsonObject().put("by", "gateway").put("http_status", reply.status());
    }
    JsonObject answer =
        new JsonObject()
            .put("by", "gateway")
            .put("reason", refusal.reason().label())
            .put("http_status", reply.status())
            .put("text", refusal.detail());
    if (reply.grpcStatus() >= 0) {
      answer.put("grpc_status", Answers.statusName(reply.grpcStatus()));
    }
    String wait = Explanation.retryAfter(reply);
    if (!wait.isEmpty()) {
      answer.put("retry_after_seconds", Integer.valueOf(wait));
    }
    return switch (e.place().dialect()) {
      case GRPC, GRPC_WEB, OTLP_PROTOBUF -> answer;
      case OTLP_JSON, PROBLEM ->
          answer.put("body", new JsonObject(new String(reply.body(), StandardCharsets.UTF_8)));
    };
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
