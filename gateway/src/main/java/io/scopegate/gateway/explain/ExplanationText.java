package io.scopegate.gateway.explain;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.scopegate.authz.kubernetes.SubjectAccessReviews;
import io.scopegate.config.Printable;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Reply;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import io.scopegate.gateway.route.PathRewrite;
import io.scopegate.gateway.route.Routed;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An explanation as text: the steps in their order, and objects that can be pasted. */
public final class ExplanationText {
  /** The longest name, "authorization", and two spaces. */
  private static final int NAME_WIDTH = 15;

  private static final String INDENT = " ".repeat(NAME_WIDTH);

  private final Explanation e;
  private final StringBuilder out = new StringBuilder();

  private ExplanationText(Explanation e) {
    this.e = e;
  }

  /** The text, with a line feed at the end. Holds no token. */
  public static String of(Explanation explanation) {
    ExplanationText text = new ExplanationText(explanation);
    text.request();
    text.endpoint();
    DecisionBasis grounds = explanation.grounds();
    if (grounds != null) {
      text.who(grounds);
      text.tenants(grounds);
      text.rights(grounds);
      text.limits(grounds);
    }
    text.upstream();
    text.answer();
    return text.out.toString();
  }

  // ---- the steps

  private void request() {
    String tenant = e.inquiry().headers().tenant();
    line(
        "request",
        (e.inquiry().grpc() ? "gRPC" : e.place().method())
            + " "
            + e.inquiry().target()
            + ", "
            + (tenant == null
                ? "no " + e.config().tenancy().header()
                : e.config().tenancy().header() + ": " + tenant)
            + ", "
            + credential());
    if (!e.inquiry().grpc() || e.inquiry().headers().contentType() != null) {
      String type = e.place().contentType();
      more("content type ", type == null ? "" : type);
    }
    if (!e.inquiry().connection().equals(ExplainRequest.Connection.USUAL)) {
      more("by ", (e.inquiry().http2() ? "HTTP/2" : "HTTP/1.1") + clearText());
    }
    page();
  }

  private String credential() {
    if (e.inquiry().as() != null) {
      return "taken for that of the user below";
    }
    return e.inquiry().headers().authorizations().isEmpty() ? "no token" : "a token";
  }

  private String clearText() {
    return e.place().tls() ? " over TLS" : " in clear text";
  }

  private void page() {
    String origin = e.inquiry().headers().origin();
    if (origin != null) {
      Cors.Pages pages = e.place().pages();
      more(
          "from a page at ",
          origin
              + (pages != null && pages.areLetIn()
                  ? ", which may read the answer"
                  : ", which may not read the answer"));
    }
  }

  private void endpoint() {
    Endpoint endpoint = e.endpoint();
    if (e.isQuestion()) {
      line("listener", e.place().listener());
      line("endpoint", "none: this is a browser's preflight request");
      return;
    }
    if (endpoint == null) {
      line("endpoint", "none on " + String.join(", ", e.listeners()));
      if (e.listeners().size() > 1) {
        more("the answer is that of ", e.listeners().get(0));
      }
      return;
    }
    line("listener", e.place().listener());
    line("endpoint", endpoint.name() + ", operation " + endpoint.operation().label());
  }

  private void who(DecisionBasis grounds) {
    Authentication authentication = grounds.authentication();
    User user = authentication.user();
    Authentication.Proof proof = authentication.proof();
    if (user == null) {
      line(
          "identity",
          authentication.outcome() == Authentication.Outcome.UNDECIDED
              ? "undecided: " + authentication.reason()
              : "none: " + authentication.reason());
      more("cause: ", authentication.cause());
    } else {
      line("identity", user.name());
      more("uid ", user.uid());
      more("groups ", String.join(", ", user.groups()));
      for (Map.Entry<String, List<String>> extra : user.extra().entrySet()) {
        more(extra.getKey() + " ", String.join(", ", extra.getValue()));
      }
    }
    more("by ", e.inquiry().as() != null && user != null ? "what was asked; no token" : "");
    more("by ", joined(proof.source().words(), age(proof.answeredMillis(), proof.stale())));
  }

  private void tenants(DecisionBasis grounds) {
    Endpoint endpoint = Objects.requireNonNull(e.endpoint());
    if (grounds.authentication().user() == null) {
      return;
    }
    if (endpoint.operation() == Operation.OPEN) {
      line("tenant", "none is needed");
      return;
    }
    if (endpoint.isProxied()) {
      named(grounds);
      return;
    }
    if (grounds.tenants().isEmpty()) {
      line("tenant", "none: " + detail());
      return;
    }
    line("tenant", String.join(", ", grounds.tenants()) + "; by " + grounds.tenantSource());
    for (String tenant : grounds.tenants()) {
      String id = e.config().tenancy().ids().get(tenant);
      if (id != null) {
        more("", tenant + " is sent upstream as " + id);
      }
    }
  }

  /** A proxied request has no tenant, though it may name one. */
  private void named(DecisionBasis grounds) {
    String named = String.join(", ", grounds.tenants());
    line("tenant", "none is needed" + (named.isEmpty() ? "" : "; the request names " + named));
  }

  private void rights(DecisionBasis grounds) {
    User user = grounds.authentication().user();
    for (int i = 0; user != null && i < grounds.questions().size(); i++) {
      Authorization answer = i < grounds.answers().size() ? grounds.answers().get(i) : null;
      right(user, grounds.tenants().get(i), grounds.questions().get(i), answer);
    }
  }

  private void right(
      User user, String tenant, ResourceAttributes asked, @Nullable Authorization answer) {
    line("authorization", (tenant.isEmpty() ? "" : tenant + ": ") + ExplanationTerms.of(answer));
    if (answer == null) {
      more("", "another answer already decides the request");
    } else {
      Authorization.Ground ground = answer.ground();
      more("reason: ", answer.reason());
      more(
          "by ",
          joined(
              ExplanationTerms.of(ground.source()), age(ground.answeredMillis(), ground.stale())));
    }
    if (e.isWithoutKubernetes()) {
      if (answer == null || answer.decision() != Authorization.Decision.ALLOW) {
        paste(
            "would allow it; add to the configuration, because Kubernetes is not asked (mode: off)",
            Yaml.of(
                StaticRuleYaml.allowing(
                    user, tenant, Objects.requireNonNull(e.endpoint()), asked)));
      }
      return;
    }
    if (answer != null && answer.decision() == Authorization.Decision.DENY) {
      more("", otherMapping());
    }
    paste(
        "the review; kubectl create -o yaml -f -",
        Yaml.of(SubjectAccessReviews.request(user, asked)));
    if (answer == null || answer.decision() != Authorization.Decision.ALLOW) {
      paste("would allow it; kubectl apply -f -", Yaml.of(Rbac.allowing(user, tenant, asked)));
    }
  }

  /**
   * Roles of the other mapping are there: perhaps the configuration, and not the role, is wrong.
   */
  private String otherMapping() {
    return e.otherMapping().isEmpty()
        ? ""
        : "with authorization.mapping: "
            + e.otherMapping()
            + " it would be allowed: the right was granted for that mapping";
  }

  private void limits(DecisionBasis grounds) {
    for (String tenant : grounds.tenants()) {
      if (tenant.isEmpty()) {
        continue; // a proxied request that names nothing
      }
      Map<String, String> limits = ExplanationTerms.limits(e.limits(tenant));
      line("limits", tenant + (limits.isEmpty() ? ": none" : ""));
      limits.forEach((key, value) -> more(key + " ", value));
      if (!limits.isEmpty() && e.onlyLogsLimits()) {
        more("", "only logged, because limits.enforce is audit");
      }
    }
  }

  private void upstream() {
    Endpoint endpoint = e.endpoint();
    if (endpoint == null) {
      return;
    }
    line("upstream", e.upstream() + ", " + e.upstreamConfig().url(endpoint.grpc()));
    AccessDecision verdict = e.verdict();
    if (verdict == null || !verdict.allowed()) {
      more("", "not forwarded");
      return;
    }
    Routed routed = e.place().routed();
    PathRewrite path = routed == null ? null : routed.rewrite();
    if (path != null) {
      more("receives ", path.target().toString());
    }
    if (verdict.tenantHeader() != null) {
      more("receives ", e.config().tenancy().header() + ": " + verdict.tenantHeader());
    }
    more(
        "",
        e.config().forwarding().stripAuthorization() ? "receives no token" : "receives the token");
  }

  private void answer() {
    Reply reply = e.reply();
    if (reply == null) {
      line("answer", "from the upstream: the request would be forwarded");
      Refusal waived = e.waived();
      if (waived != null) {
        more("", "only because enforce is audit on this listener; otherwise it would be refused");
        more("reason ", waived.reason().label());
        more("", waived.detail());
      }
      return;
    }
    String status = "HTTP " + reply.status();
    if (reply.grpcStatus() >= 0) {
      status += ", gRPC " + Answers.statusName(reply.grpcStatus());
    }
    if (e.isQuestion()) {
      line("answer", status + ": pages of that origin may send the request");
      return;
    }
    line("answer", status + " (" + Objects.requireNonNull(e.refusal()).reason().label() + ")");
    String wait = Explanation.retryAfter(reply);
    more("retry after ", wait.isEmpty() ? "" : wait + " s");
    more("", detail());
  }

  private String detail() {
    Refusal refusal = Objects.requireNonNull(e.refusal(), "refusal");
    return refusal.detail();
  }

  // ---- layout

  private String age(long answeredMillis, boolean stale) {
    return ExplanationTerms.age(answeredMillis, stale, e);
  }

  private static String joined(String source, String age) {
    return source.isEmpty() || age.isEmpty() ? source : source + ", " + age;
  }

  private void line(String name, String value) {
    out.append(String.format(Locale.ROOT, "%-" + NAME_WIDTH + "s", name))
        .append(Printable.escaped(value))
        .append('\n');
  }

  private void more(String name, String value) {
    if (!value.isEmpty()) {
      out.append(INDENT).append(name).append(Printable.escaped(value)).append('\n');
    }
  }

  /** At the margin, where YAML wants it; escapes what a terminal would interpret. */
  private void paste(String title, String yaml) {
    if (out.lastIndexOf("\n\n") != out.length() - 2) {
      out.append('\n');
    }
    out.append("# ").append(title).append('\n').append(yaml).append('\n');
  }
}
