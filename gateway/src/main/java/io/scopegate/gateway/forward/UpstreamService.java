package io.scopegate.gateway.forward;

import io.scopegate.config.ScalarType;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A port of a Kubernetes Service whose servers are those of an upstream.
 *
 * @param port the name of the Service's port, or the number that the Pods listen on
 */
@ScalarType(
    name = "service",
    expected = "namespace/name:port, such as tempo/query-frontend:http",
    pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?/[a-z0-9]([a-z0-9-]*[a-z0-9])?:[a-z0-9-]{1,63}$")
public record UpstreamService(String namespace, String name, String port) {
  private static final String LABEL = "([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)";
  private static final Pattern FORM =
      Pattern.compile(LABEL + "/" + LABEL + ":([a-z0-9]+(?:-[a-z0-9]+)*)");
  private static final int MOST_PORT_LENGTH = 63;
  private static final int MOST_PORT = 65_535;

  /** Refuses what names no Service. */
  public UpstreamService {
    Matcher form = FORM.matcher(namespace + "/" + name + ":" + port);
    if (!form.matches() || port.length() > MOST_PORT_LENGTH || isNoPort(port)) {
      throw new IllegalArgumentException(
          "service: "
              + namespace
              + "/"
              + name
              + ":"
              + port
              + " (expected: namespace/name:port, the port by its name or as 1 to 65535)");
    }
  }

  private static boolean isNoPort(String port) {
    return port.chars().allMatch(Character::isDigit)
        && (port.length() > 5 || Integer.parseInt(port) < 1 || Integer.parseInt(port) > MOST_PORT);
  }

  /**
   * Reads a service.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static UpstreamService parse(String text) {
    int slash = text.indexOf('/');
    int colon = text.lastIndexOf(':');
    if (slash < 0 || colon < slash) {
      throw new IllegalArgumentException("service: " + text + " (expected: namespace/name:port)");
    }
    return new UpstreamService(
        text.substring(0, slash), text.substring(slash + 1, colon), text.substring(colon + 1));
  }

  @Override
  public String toString() {
    return namespace + "/" + name + ":" + port;
  }
}
