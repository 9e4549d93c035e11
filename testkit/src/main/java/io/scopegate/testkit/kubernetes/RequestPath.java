package io.scopegate.testkit.kubernetes;

import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a request is about, read from its method and path.
 *
 * @param kind the kind of request
 * @param verb Kubernetes' verb
 * @param group the API group; only where there is a resource
 * @param namespace the namespace, or empty
 * @param resource the resource's plural, empty for other paths
 * @param name the object, or empty
 * @param subresource the subresource, or empty
 * @param path the path as it came
 */
record RequestPath(
    RequestKind kind,
    String verb,
    String group,
    String namespace,
    String resource,
    String name,
    String subresource,
    String path) {

  static RequestPath of(HttpServerRequest request) {
    String path = Objects.requireNonNullElse(request.path(), "/");
    List<String> parts =
        Arrays.stream(path.split("/"))
            .filter(part -> !part.isEmpty())
            .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8))
            .toList();
    boolean core = parts.size() > 2 && parts.get(0).equals("api");
    boolean grouped = parts.size() > 3 && parts.get(0).equals("apis");
    if (!core && !grouped) {
      boolean openId = path.startsWith("/openid/") || path.startsWith("/.well-known/");
      RequestKind kind = openId ? RequestKind.OPENID : RequestKind.OTHER;
      String verb = request.method().name().toLowerCase(Locale.ROOT);
      return new RequestPath(kind, verb, "", "", "", "", "", path);
    }
    String group = core ? "" : parts.get(1);
    List<String> rest = parts.subList(core ? 2 : 3, parts.size());
    String namespace = "";
    if (rest.get(0).equals("namespaces") && rest.size() > 2) {
      namespace = rest.get(1);
      rest = rest.subList(2, rest.size());
    }
    String name = part(rest, 1);
    String verb = verb(request, name);
    String sub = part(rest, 2);
    return new RequestPath(
        kind(verb, rest.get(0), sub), verb, group, namespace, rest.get(0), name, sub, path);
  }

  AccessQuestion question() {
    return resource.isEmpty()
        ? AccessQuestion.ofPath(verb, path)
        : new AccessQuestion(verb, group, resource, subresource, name, namespace, "");
  }

  private static String part(List<String> parts, int index) {
    return parts.size() > index ? parts.get(index) : "";
  }

  private static String verb(HttpServerRequest request, String name) {
    boolean watch = isTrue(request.getParam("watch"));
    return switch (request.method().name()) {
      case "GET", "HEAD" -> watch ? "watch" : name.isEmpty() ? "list" : "get";
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> name.isEmpty() ? "deletecollection" : "delete";
      default -> "";
    };
  }

  private static boolean isTrue(@Nullable String value) {
    return "true".equals(value) || "1".equals(value);
  }

  private static RequestKind kind(String verb, String resource, String subresource) {
    if (verb.equals("create")) {
      switch (resource) {
        case "tokenreviews":
          return RequestKind.TOKEN_REVIEW;
        case "subjectaccessreviews":
          return RequestKind.SUBJECT_ACCESS_REVIEW;
        case "selfsubjectaccessreviews":
          return RequestKind.SELF_SUBJECT_ACCESS_REVIEW;
        default:
          return subresource.equals("token") ? RequestKind.TOKEN_REQUEST : RequestKind.WRITE;
      }
    }
    return switch (verb) {
      case "list" -> RequestKind.LIST;
      case "watch" -> RequestKind.WATCH;
      case "get" -> RequestKind.READ;
      default -> RequestKind.WRITE;
    };
  }
}
