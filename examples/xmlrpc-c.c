/* Creates a customer with the C library xmlrpc-c, which calls curl.

   build: gcc -o create-customer xmlrpc-c.c -lxmlrpc_client -lxmlrpc -lxmlrpc_util
   usage: create-customer [MEMBERS.json]
   XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest, and without a login this must be
   a trusted host. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xmlrpc-c/base.h>
#include <xmlrpc-c/client.h>
#include <xmlrpc-c/json.h>

enum { MAX_FILE_SIZE = 1024 * 1024 };

/* The library puts "RPC failed at server.  " before the text of a fault. */
static void check(const xmlrpc_env *env) {
    if (!env->fault_occurred) return;
    printf("fault %d: %s\n", env->fault_code, env->fault_string);
    exit(1);
}

static xmlrpc_value *read_members(xmlrpc_env *env, const char *path) {
    static char json[MAX_FILE_SIZE + 1];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    size_t size = fread(json, 1, MAX_FILE_SIZE, file);
    json[size] = '\0';
    fclose(file);
    return xmlrpc_parse_json(env, json); /* null becomes <nil/> */
}

static xmlrpc_value *sample_members(xmlrpc_env *env) {
    char name[64];
    snprintf(name, sizeof name, "Example of C, %ld", (long)time(NULL));
    return xmlrpc_build_value(env, "{s:s,s:s,s:i}", "name", name, "web_password", "correct7horse", "i_tariff",
                              (xmlrpc_int32)1);
}

int main(int argc, char **argv) {
    xmlrpc_env env;
    xmlrpc_client *client;
    xmlrpc_value *answer, *id;
    xmlrpc_int32 i_customer;
    const char *login = getenv("XMLAPI_LOGIN");

    xmlrpc_env_init(&env);
    xmlrpc_client_setup_global_const(&env);
    xmlrpc_client_create(&env, XMLRPC_CLIENT_NO_FLAGS, "create-customer", "1", NULL, 0, &client);
    check(&env);

    xmlrpc_server_info *server = xmlrpc_server_info_new(&env, getenv("XMLAPI_URL"));
    if (login != NULL && *login != '\0') {
        xmlrpc_server_info_set_user(&env, server, login, getenv("XMLAPI_PASSWORD"));
        xmlrpc_server_info_allow_auth_digest(&env, server);
    }
    check(&env);

    xmlrpc_value *members = argc > 1 ? read_members(&env, argv[1]) : sample_members(&env);
    check(&env);
    xmlrpc_value *params = xmlrpc_build_value(&env, "(V)", members);
    xmlrpc_client_call2(&env, client, server, "createCustomer", params, &answer);
    check(&env);

    xmlrpc_struct_find_value(&env, answer, "i_customer", &id);
    xmlrpc_read_int(&env, id, &i_customer);
    check(&env);
    printf("OK %d\n", (int)i_customer);
    return 0;
}
