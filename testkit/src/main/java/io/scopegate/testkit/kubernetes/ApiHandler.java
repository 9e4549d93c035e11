package io.scopegate.testkit.kubernetes;

import io.scopegate.testkit.Fault;
import io.scopegate.testkit.Faults;
import io.scopegate.testkit.FaultyServer;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/** Serves the API: authenticates, authorizes, then serves the request. */
final class ApiHandler implements Handler<HttpServerRequest> {
  private static final String JWKS = "/openid/v1/jwks";

  private final ObjectStore store;
  private final TokenIssuer issuer;
  private final Callers callers;
  private final Reviews reviews;
  private final Objects objects;
  private final Watches watches;
  private final Faults<RequestKind> faults;
  private final FaultyServer faulty;
  private final BiConsumer<RequestKind, HttpServerRequest> seen;

  ApiHandler(
      ObjectStore store,
      TokenIssuer issuer,
      Callers callers,
      Reviews reviews,
      Watches watches,
      Misbehaviour misbehaviour) {
    this.store = store;
    this.issuer = issuer;
    this.callers = callers;
    this.reviews = reviews;
    this.objects = new Objects(store);
    this.watches = watches;
    this.faults = misbehaviour.faults();
    this.faulty = misbehaviour.server();
    this.seen = misbehaviour.seen();
  }

  @Override
  public void handle(HttpServerRequest request) {
    RequestPath path = RequestPath.of(request);
    seen.accept(path.kind(), request);
    Fault fault = faults.next(path.kind());
    faulty.serve(
        fault, faults, request, () -> request.body().onSuccess(body -> serve(request, path, body)));
  }

  private void serve(HttpServerRequest request, RequestPath path, Buffer body) {
    try {
      Identity caller = callers.of(request);
      authorize(caller, path);
      if (path.kind() == RequestKind.WATCH) {
        watches.start(request, path, resource(path));
        return;
      }
      boolean created = path.verb().equals("create");
      answer(request, created ? 201 : 200, result(request, path, caller, body));
    } catch (ApiException e) {
      answer(request, e.code(), e.status());
    } catch (DecodeException | ClassCastException e) {
      ApiException refused = ApiException.badRequest("the object provided is unrecognized");
      answer(request, refused.code(), refused.status());
    }
  }

  private void authorize(Identity caller, RequestPath path) {
    AccessQuestion question = path.question();
    if (!Rbac.decide(store, caller, question).allowed()) {
      throw new ApiException(403, "Forbidden", forbidden(caller, question));
    }
  }

  private JsonObject result(
      HttpServerRequest request, RequestPath path, Identity caller, Buffer body) {
    return switch (path.kind()) {
      case TOKEN_REVIEW -> reviews.token(new JsonObject(body));
      case SUBJECT_ACCESS_REVIEW -> reviews.access(new JsonObject(body));
      case SELF_SUBJECT_ACCESS_REVIEW -> reviews.selfAccess(new JsonObject(body), caller);
      case TOKEN_REQUEST -> reviews.request(path, new JsonObject(body));
      case LIST -> objects.list(path, resource(path), request);
      case READ -> store.get(resource(path), path.namespace(), path.name());
      case WRITE -> objects.write(path, resource(path), request, body);
      case OPENID -> openId(request, path);
      case OTHER -> other(path);
      case WATCH -> throw new IllegalStateException("watches answer by themselves");
    };
  }

  private JsonObject openId(HttpServerRequest request, RequestPath path) {
    return switch (path.path()) {
      case JWKS -> {
        String accepted = request.getHeader("accept");
        if (accepted != null && !accepted.contains("jwk-set+json") && !accepted.contains("*/*")) {
          throw new ApiException(406, "NotAcceptable", "only application/jwk-set+json is served");
        }
        yield issuer.jwks();
      }
      case "/.well-known/openid-configuration" ->
          new JsonObject()
              .put("issuer", issuer.issuer())
              .put("jwks_uri", issuer.issuer() + "/openid/v1/jwks")
              .put("response_types_supported", new JsonArray().add("id_token"))
              .put("subject_types_supported", new JsonArray().add("public"))
              .put("id_token_signing_alg_values_supported", new JsonArray().add("RS256"));
      default -> throw unknown();
    };
  }

  private static JsonObject other(RequestPath path) {
    return switch (path.path()) {
      case "/version" ->
          new JsonObject()
              .put("major", "1")
              .put("minor", "34")
              .put("gitVersion", "v1.34.0-testkit")
              .put("platform", "testkit");
      case "/healthz", "/livez", "/readyz" -> new JsonObject().put("status", "ok");
      case "/api/v1" -> discovery("");
      case "/apis/discovery.k8s.io/v1" -> discovery("discovery.k8s.io");
      case "/apis/rbac.authorization.k8s.io/v1" -> discovery("rbac.authorization.k8s.io");
      default -> throw unknown();
    };
  }

  private static JsonObject discovery(String group) {
    List<JsonObject> served =
        Arrays.stream(Resource.values())
            .filter(resource -> resource.group().equals(group))
            .map(resource ->
                new JsonObject()
                    .put("name", resource.plural())
                    .put("kind", resource.kind())
                    .put("namespaced", resource.namespaced())
                    .put("verbs", new JsonArray(List.of("get", "list", "watch", "create"))))
            .toList();
    return new JsonObject()
        .put("kind", "APIResourceList")
        .put("apiVersion", "v1")
        .put("groupVersion", group.isEmpty() ? "v1" : group + "/v1")
        .put("resources", new JsonArray(served));
  }

  private static Resource resource(RequestPath path) {
    return Resource.of(path.group(), path.resource())
        .filter(resource -> path.subresource().isEmpty())
        .orElseThrow(ApiHandler::unknown);
  }

  private static ApiException unknown() {
    return new ApiException(404, "NotFound", "the server could not find the requested resource");
  }

  private static String forbidden(Identity caller, AccessQuestion question) {
    if (!question.isResource()) {
      return "forbidden: User \"%s\" cannot %s path \"%s\""
          .formatted(caller.name(), question.verb(), question.path());
    }
    String what =
        question.group().isEmpty()
            ? question.combined()
            : question.combined() + "." + question.group();
    String where =
        question.namespace().isEmpty()
            ? "at the cluster scope"
            : "in the namespace \"" + question.namespace() + "\"";
    return "%s is forbidden: User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s"
        .formatted(
            what, caller.name(), question.verb(), question.resource(), question.group(), where);
  }

  private static void answer(HttpServerRequest request, int status, JsonObject body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader(
            "content-type",
            JWKS.equals(request.path()) ? "application/jwk-set+json" : "application/json")
        .end(body.toBuffer());
  }

  /**
   * What a test may order.
   *
   * @param faults what goes wrong
   * @param server makes it go wrong
   * @param seen hears of every request
   */
  record Misbehaviour(
      Faults<RequestKind> faults,
      FaultyServer server,
      BiConsumer<RequestKind, HttpServerRequest> seen) {}
}
