package io.scopegate.gateway.exchange;

import io.netty.util.AsciiString;
import io.scopegate.gateway.access.ConnectionIdentity;

/**
 * What is known of a client's connection before its first request.
 *
 * @param listener the listener's name in the configuration
 * @param address the client's address with its port, for logs
 * @param forwardedFor the client's address without the port, for {@code X-Forwarded-For}
 * @param tls whether the connection is TLS
 * @param peer who the client is by its connection
 */
public record ClientInfo(
    String listener,
    String address,
    AsciiString forwardedFor,
    boolean tls,
    ConnectionIdentity peer) {}
