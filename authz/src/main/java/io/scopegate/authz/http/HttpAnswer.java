package io.scopegate.authz.http;

import io.vertx.core.buffer.Buffer;

/**
 * A complete answer of a server.
 *
 * @param status the HTTP status
 * @param retryAfter the header of that name; empty when missing
 * @param body the whole body
 */
public record HttpAnswer(int status, String retryAfter, Buffer body) {}
