package io.scopegate.gateway.access;

import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.scopegate.gateway.route.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a tenant is to Kubernetes: fills the templates of the resource attributes. */
final class ResourceMapping {
  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private final VerbsConfig verbs;
  private final Template apiGroup;
  private final Template apiVersion;
  private final Template resource;
  private final Template subresource;
  private final Template name;
  private final Template namespace;

  /**
   * For one configuration.
   *
   * @throws IllegalArgumentException when a template holds an unknown placeholder
   */
  ResourceMapping(AuthorizationConfig config) {
    ResourceAttributesConfig templates = config.effectiveResourceAttributes();
    this.verbs = config.verbs();
    this.apiGroup = Template.parse(templates.apiGroup());
    this.apiVersion = Template.parse(templates.apiVersion());
    this.resource = Template.parse(templates.resource());
    this.subresource = Template.parse(templates.subresource());
    this.name = Template.parse(templates.name());
    this.namespace = Template.parse(templates.namespace());
  }

  /** What to review for one tenant. Not for {@link Operation#OPEN}, which touches none. */
  ResourceAttributes attributes(String tenant, Operation operation, User user) {
    return filled(verb(operation), new Values(tenant, "", label(operation), user.name()));
  }

  /** What to review for a proxied request. */
  ResourceAttributes proxied(String value, String verb, User user) {
    return filled(verb, new Values("", value, "", user.name()));
  }

  private static String label(Operation operation) {
    return operation.name().toLowerCase(Locale.ROOT);
  }

  private ResourceAttributes filled(String verb, Values values) {
    return new ResourceAttributes(
        verb,
        apiGroup.fill(values),
        apiVersion.fill(values),
        resource.fill(values),
        subresource.fill(values),
        name.fill(values),
        namespace.fill(values));
  }

  private String verb(Operation operation) {
    return switch (operation) {
      case READ -> verbs.read();
      case WRITE -> verbs.write();
      case ADMIN -> verbs.admin();
      case OPEN, PUBLIC ->
          throw new IllegalArgumentException(
              "operation: " + operation + " (expected: with a tenant)");
    };
  }

  /** The RBAC rule that would allow it, on one line, and where it has to stand. */
  static String rule(ResourceAttributes asked) {
    if (!asked.isResource()) {
      return "a ClusterRole with {nonResourceURLs: ["
          + asked.path()
          + "], verbs: ["
          + asked.verb()
          + "]}";
    }
    StringBuilder rule =
        new StringBuilder(asked.namespace().isEmpty() ? "a ClusterRole" : "a Role in namespace ")
            .append(asked.namespace())
            .append(canExist(asked.namespace()) ? "" : " (which cannot exist: a-z, 0-9 and - only)")
            .append(" with {apiGroups: [")
            .append(asked.apiGroup().isEmpty() ? "\"\"" : asked.apiGroup())
            .append("], resources: [")
            .append(resourceWithSub(asked));
    if (!asked.name().isEmpty()) {
      rule.append("], resourceNames: [").append(asked.name());
    }
    return rule.append("], verbs: [").append(asked.verb()).append("]}").toString();
  }

  /** Whether there can be a namespace of this name; a tenant's may have capitals, for example. */
  private static boolean canExist(String namespace) {
    return namespace.isEmpty() || NAMESPACE.matcher(namespace).matches();
  }

  private static String resourceWithSub(ResourceAttributes asked) {
    return asked.subresource().isEmpty()
        ? asked.resource()
        : asked.resource() + "/" + asked.subresource();
  }

  private record Values(String tenant, String value, String operation, String user) {
    String of(Placeholder placeholder) {
      return switch (placeholder) {
        case TENANT -> tenant;
        case VALUE -> value;
        case OPERATION -> operation;
        case USER -> user;
      };
    }
  }

  private enum Placeholder {
    TENANT,
    VALUE,
    OPERATION,
    USER
  }

  /**
   * Text with placeholders in it: before each of them, and after the last one, a piece of text.
   * What is filled in is never looked at for placeholders again.
   */
  private record Template(List<String> texts, List<Placeholder> placeholders) {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

    static Template parse(String template) {
      List<String> texts = new ArrayList<>();
      List<Placeholder> placeholders = new ArrayList<>();
      Matcher matcher = PLACEHOLDER.matcher(template);
      int end = 0;
      while (matcher.find()) {
        texts.add(template.substring(end, matcher.start()));
        placeholders.add(placeholder(matcher.group(1), template));
        end = matcher.end();
      }
      texts.add(template.substring(end));
      return new Template(List.copyOf(texts), List.copyOf(placeholders));
    }

    private static Placeholder placeholder(String name, String template) {
      for (Placeholder placeholder : Placeholder.values()) {
        if (placeholder.name().toLowerCase(Locale.ROOT).equals(name)) {
          return placeholder;
        }
      }
      throw new IllegalArgumentException(
          "authorization.resourceAttributes: "
              + template
              + " (expected: no other placeholders than {tenant}, {operation}, {value} and"
              + " {user})");
    }

    String fill(Values values) {
      if (placeholders.isEmpty()) {
        return texts.get(0);
      }
      if (placeholders.size() == 1 && texts.get(0).isEmpty() && texts.get(1).isEmpty()) {
        return values.of(placeholders.get(0));
      }
      StringBuilder filled = new StringBuilder(texts.get(0));
      for (int i = 0; i < placeholders.size(); i++) {
        filled.append(values.of(placeholders.get(i))).append(texts.get(i + 1));
      }
      return filled.toString();
    }
  }
}
