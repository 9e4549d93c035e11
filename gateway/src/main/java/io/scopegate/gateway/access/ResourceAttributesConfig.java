package io.scopegate.gateway.access;

import io.scopegate.config.Key;
import java.util.List;

/**
 * Templates of the attributes that are reviewed; {@code {tenant}}, {@code {operation}}, {@code
 * {value}} and {@code {user}} are filled in.
 *
 * @param apiGroup the API group
 * @param apiVersion the API version, mostly empty
 * @param resource the plural resource name
 * @param subresource mostly empty
 * @param name the object's name
 * @param namespace empty for a cluster-scoped resource
 */
public record ResourceAttributesConfig(
    @Key(doc = "API group.", def = "tempo.grafana.com", reload = Key.Reload.AT_ONCE)
        String apiGroup,
    @Key(doc = "API version.", def = "\"\"", reload = Key.Reload.AT_ONCE) String apiVersion,
    @Key(doc = "Resource.", def = "\"{tenant}\"", reload = Key.Reload.AT_ONCE) String resource,
    @Key(doc = "Subresource.", def = "\"\"", reload = Key.Reload.AT_ONCE) String subresource,
    @Key(doc = "Name of the object.", def = "traces", reload = Key.Reload.AT_ONCE) String name,
    @Key(
            doc = "Namespace; empty for a cluster-scoped resource.",
            def = "\"\"",
            reload = Key.Reload.AT_ONCE)
        String namespace) {
  /** The placeholders that a template may hold where requests are for tenants. */
  public static final List<String> PLACEHOLDERS = List.of("tenant", "operation", "user");

  /** The placeholders that a template may hold where requests are proxied. */
  public static final List<String> PROXIED_PLACEHOLDERS = List.of("value", "user");

  static final ResourceAttributesConfig TEMPO_OPERATOR =
      new ResourceAttributesConfig("tempo.grafana.com", "", "{tenant}", "", "traces", "");
  static final ResourceAttributesConfig NAMESPACED =
      new ResourceAttributesConfig("tempo.grafana.com", "", "traces", "", "traces", "{tenant}");
}
